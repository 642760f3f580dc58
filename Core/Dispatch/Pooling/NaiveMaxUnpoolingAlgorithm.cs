using Fovea.Core.Kernels.Naive;
using Fovea.Core.Shapes;

namespace Fovea.Core.Dispatch;

/// <summary>Max-unpooling by its definition: the end of the table, and the twin of the entries before it.</summary>
public sealed unsafe class NaiveMaxUnpoolingAlgorithm : MaxUnpooling
{
    /// <inheritdoc/>
    public override string Name => "naive";

    /// <inheritdoc/>
    public override Layout Layout => Layout.Plain;

    /// <inheritdoc/>
    public override bool Accepts(in PoolShape s) => true;

    /// <inheritdoc/>
    public override long TapBytes(in PoolShape s) => (long)s.C * s.P * s.Q * sizeof(int);

    /// <inheritdoc/>
    public override void Forward(in PoolShape s, float* v, float* x, byte* taps, float* y, Workers workers)
    {
        Job job = new() { Shape = s.WithBatch(1), Small = v, X = x, Indices = (int*)taps, Large = y };
        workers.Run(ref job, s.N);
    }

    /// <inheritdoc/>
    public override void Backward(in PoolShape s, float* dy, byte* taps, float* dv, Workers workers)
    {
        Job job = new() { Shape = s.WithBatch(1), Small = dv, Indices = (int*)taps, Large = dy };
        workers.Run(ref job, s.N);
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
