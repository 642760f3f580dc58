using Fovea.Core.Kernels.Naive;
using Fovea.Core.Shapes;

namespace Fovea.Core.Dispatch;

/// <summary>Max-unpooling of plain images, an image at a time: values go back to where a max pooling's maxima stood.</summary>
/// <param name="Shape">The sizes of the max pooling.</param>
public readonly unsafe record struct Unpooling(PoolShape Shape)
{
    /// <summary>Where the maxima of the pooling's input x stand, N×C×P×Q; then y, N×C×H×W, from the values v.</summary>
    public void Forward(int images, float* v, float* x, int* indices, float* y, Workers workers)
    {
        Job job = new() { Shape = Shape.WithBatch(1), Small = v, X = x, Indices = indices, Large = y };
        workers.Run(ref job, images);
    }

    /// <summary>dv; every element is written.</summary>
    public void Backward(int images, float* dy, int* indices, float* dv, Workers workers)
    {
        Job job = new() { Shape = Shape.WithBatch(1), Small = dv, Indices = indices, Large = dy };
        workers.Run(ref job, images);
    }

    private struct Job : IJob
    {
        public PoolShape Shape;
        public float* Small;
        public float* X;
        public int* Indices;
        public float* Large;

        public readonly void Run(int chunk, int worker)
        {
            int planeLarge = Shape.H * Shape.W, planeSmall = Shape.P * Shape.Q;
            int input = Shape.C * planeLarge, output = Shape.C * planeSmall;
            Span<float> small = new(Small + ((long)chunk * output), output), large = new(Large + ((long)chunk * input), input);
            Span<int> indices = new(Indices + ((long)chunk * output), output);
            if (X == null)
            {
                NaiveUnpooling.Backward<float>(Shape.C, planeLarge, planeSmall, indices, large, small);
            }
            else
            {
                NaivePooling.MaxIndices<float>(Shape, new(X + ((long)chunk * input), input), indices);
                NaiveUnpooling.Forward<float>(Shape.C, planeLarge, planeSmall, indices, small, large);
            }
        }
    }
}
