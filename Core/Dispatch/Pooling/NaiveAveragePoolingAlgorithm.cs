using Fovea.Core.Kernels.Naive;
using Fovea.Core.Shapes;

namespace Fovea.Core.Dispatch;

/// <summary>Average pooling by its definition: the end of the table, and the twin of the entries before it.</summary>
public sealed unsafe class NaiveAveragePoolingAlgorithm : AveragePooling
{
    /// <inheritdoc/>
    public override string Name => "naive";

    /// <inheritdoc/>
    public override Layout Layout => Layout.Plain;

    /// <inheritdoc/>
    public override bool Accepts(in PoolShape s) => true;

    /// <inheritdoc/>
    public override void Forward(in PoolShape s, float* x, int* divisors, float* y, Workers workers)
    {
        Job job = new() { Shape = s.WithBatch(1), X = x, Y = y, Divisors = divisors };
        workers.Run(ref job, s.N);
    }

    /// <inheritdoc/>
    public override void Backward(in PoolShape s, float* dy, int* divisors, float* dx, Workers workers)
    {
        Job job = new() { Shape = s.WithBatch(1), X = dx, Y = dy, Divisors = divisors, IsBackward = true };
        workers.Run(ref job, s.N);
    }

    private struct Job : IJob
    {
        public PoolShape Shape;
        public float* X;
        public float* Y;
        public int* Divisors;
        public bool IsBackward;

        public readonly void Run(int chunk, int worker)
        {
            int input = Shape.C * Shape.H * Shape.W, output = Shape.C * Shape.P * Shape.Q;
            Span<float> x = new(X + ((long)chunk * input), input), y = new(Y + ((long)chunk * output), output);
            ReadOnlySpan<int> divisors = new(Divisors, Shape.P * Shape.Q);
            if (IsBackward)
            {
                NaivePooling.AverageBackward<float>(Shape, y, divisors, x);
            }
            else
            {
                NaivePooling.AverageForward<float>(Shape, x, divisors, y);
            }
        }
    }
}
