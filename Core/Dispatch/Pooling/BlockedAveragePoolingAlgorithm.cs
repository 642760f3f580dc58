using Fovea.Core.Kernels.Pooling;
using Fovea.Core.Shapes;

namespace Fovea.Core.Dispatch;

/// <summary>Average pooling, sixteen channels at a time.</summary>
public sealed unsafe class BlockedAveragePoolingAlgorithm : AveragePooling
{
    /// <inheritdoc/>
    public override string Name => "blocked";

    /// <inheritdoc/>
    public override Layout Layout => Layout.Blocked;

    /// <inheritdoc/>
    public override bool Accepts(in PoolShape s) => true;

    /// <inheritdoc/>
    public override void Forward(in PoolShape s, float* x, int* divisors, float* y, Workers workers)
    {
        Job job = new() { Shape = s, X = x, Y = y, Divisors = divisors };
        workers.Run(ref job, s.N * Blocks.Of(s.C));
    }

    /// <inheritdoc/>
    public override void Backward(in PoolShape s, float* dy, int* divisors, float* dx, Workers workers)
    {
        Job job = new() { Shape = s, X = dx, Y = dy, Divisors = divisors, IsBackward = true };
        workers.Run(ref job, s.N * Blocks.Of(s.C));
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
            float* x = X + ((long)chunk * Shape.H * Shape.W * Blocks.Width), y = Y + ((long)chunk * Shape.P * Shape.Q * Blocks.Width);
            if (IsBackward)
            {
                BlockedAveragePooling.Backward(Shape, y, Divisors, x);
            }
            else
            {
                BlockedAveragePooling.Forward(Shape, x, Divisors, y);
            }
        }
    }
}
