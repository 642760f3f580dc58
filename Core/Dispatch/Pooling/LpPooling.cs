using Fovea.Core.Kernels.Naive;
using Fovea.Core.Shapes;

namespace Fovea.Core.Dispatch;

/// <summary>Pooling of plain images by the p-norm, an image at a time.</summary>
/// <param name="Shape">The sizes.</param>
/// <param name="Norm">p.</param>
public readonly unsafe record struct LpPooling(PoolShape Shape, double Norm)
{
    /// <summary>y; every element is written.</summary>
    public void Forward(int images, float* x, float* y, Workers workers)
    {
        Job job = new() { Shape = Shape.WithBatch(1), Norm = (float)Norm, X = x, Y = y };
        workers.Run(ref job, images);
    }

    /// <summary>dx; every element is written.</summary>
    public void Backward(int images, float* x, float* y, float* dy, float* dx, Workers workers)
    {
        Job job = new() { Shape = Shape.WithBatch(1), Norm = (float)Norm, X = x, Y = y, Dy = dy, Dx = dx };
        workers.Run(ref job, images);
    }

    private struct Job : IJob
    {
        public PoolShape Shape;
        public float Norm;
        public float* X;
        public float* Y;
        public float* Dy;
        public float* Dx;

        public readonly void Run(int chunk, int worker)
        {
            int input = Shape.C * Shape.H * Shape.W, output = Shape.C * Shape.P * Shape.Q;
            Span<float> x = new(X + ((long)chunk * input), input), y = new(Y + ((long)chunk * output), output);
            if (Dx == null)
            {
                NaiveLpPooling.Forward(Shape, Norm, x, y);
            }
            else
            {
                NaiveLpPooling.Backward<float>(Shape, Norm, x, y, new(Dy + ((long)chunk * output), output), new(Dx + ((long)chunk * input), input));
            }
        }
    }
}
