using Fovea.Core.Kernels.Pooling;
using Fovea.Core.Shapes;

namespace Fovea.Core.Dispatch;

/// <summary>Pooling by the p-norm, sixteen channels at a time.</summary>
public sealed unsafe class BlockedLpPoolingAlgorithm : LpPooling
{
    /// <inheritdoc/>
    public override string Name => "blocked";

    /// <inheritdoc/>
    public override Layout Layout => Layout.Blocked;

    /// <inheritdoc/>
    public override bool Accepts(in PoolShape s) => true;

    /// <inheritdoc/>
    public override void Forward(in PoolShape s, double norm, float* x, float* y, Workers workers) => Run(s, norm, x, y, null, null, workers);

    /// <inheritdoc/>
    public override void Backward(in PoolShape s, double norm, float* x, float* y, float* dy, float* dx, Workers workers) => Run(s, norm, x, y, dy, dx, workers);

    private static void Run(in PoolShape s, double norm, float* x, float* y, float* dy, float* dx, Workers workers)
    {
        switch (norm)
        {
            case 1:
                Run(s, default(SumNorm), x, y, dy, dx, workers);
                break;
            case 2:
                Run(s, default(EuclideanNorm), x, y, dy, dx, workers);
                break;
            default:
                Run(s, new AnyNorm(norm), x, y, dy, dx, workers);
                break;
        }
    }

    private static void Run<TNorm>(in PoolShape s, TNorm norm, float* x, float* y, float* dy, float* dx, Workers workers)
        where TNorm : struct, IPNorm
    {
        Job<TNorm> job = new() { Shape = s, Norm = norm, X = x, Y = y, Dy = dy, Dx = dx };
        workers.Run(ref job, s.N * Blocks.Of(s.C));
    }

    private struct Job<TNorm> : IJob
        where TNorm : struct, IPNorm
    {
        public PoolShape Shape;
        public TNorm Norm;
        public float* X;
        public float* Y;
        public float* Dy;
        public float* Dx;

        public readonly void Run(int chunk, int worker)
        {
            long input = (long)chunk * Shape.H * Shape.W * Blocks.Width, output = (long)chunk * Shape.P * Shape.Q * Blocks.Width;
            if (Dx == null)
            {
                BlockedLpPooling.Forward(Shape, Norm, X + input, Y + output);
            }
            else
            {
                BlockedLpPooling.Backward(Shape, Norm, X + input, Y + output, Dy + output, Dx + input);
            }
        }
    }
}
