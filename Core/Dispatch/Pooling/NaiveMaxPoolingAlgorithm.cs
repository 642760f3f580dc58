using Fovea.Core.Kernels.Naive;
using Fovea.Core.Shapes;

namespace Fovea.Core.Dispatch;

/// <summary>Max pooling by its definition: the end of the table, and the twin of the entries before it.</summary>
public sealed unsafe class NaiveMaxPoolingAlgorithm : MaxPooling
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
    public override void Forward(in PoolShape s, float* x, float* y, byte* taps, bool relu, Workers workers)
    {
        ForwardJob job = new() { Shape = s.WithBatch(1), X = x, Y = y, Taps = (int*)taps };
        workers.Run(ref job, s.N);
    }

    /// <inheritdoc/>
    public override void Backward(in PoolShape s, float* dy, byte* taps, float* dx, Workers workers)
    {
        BackwardJob job = new() { Shape = s.WithBatch(1), Dy = dy, Taps = (int*)taps, Dx = dx };
        workers.Run(ref job, s.N);
    }

    private struct ForwardJob : IJob
    {
        public PoolShape Shape;
        public float* X;
        public float* Y;
        public int* Taps;

        public readonly void Run(int chunk, int worker)
        {
            int input = Shape.C * Shape.H * Shape.W, output = Shape.C * Shape.P * Shape.Q;
            Span<int> taps = Taps == null ? new int[output] : new Span<int>(Taps + ((long)chunk * output), output);
            NaivePooling.MaxForward<float>(Shape, new(X + ((long)chunk * input), input), new(Y + ((long)chunk * output), output), taps);
        }
    }

    private struct BackwardJob : IJob
    {
        public PoolShape Shape;
        public float* Dy;
        public int* Taps;
        public float* Dx;

        public readonly void Run(int chunk, int worker)
        {
            int input = Shape.C * Shape.H * Shape.W, output = Shape.C * Shape.P * Shape.Q;
            NaivePooling.MaxBackward<float>(Shape, new(Dy + ((long)chunk * output), output), new(Taps + ((long)chunk * output), output), new(Dx + ((long)chunk * input), input));
        }
    }
}
