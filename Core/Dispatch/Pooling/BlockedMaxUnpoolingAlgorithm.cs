using Fovea.Core.Kernels.Pooling;
using Fovea.Core.Shapes;

namespace Fovea.Core.Dispatch;

/// <summary>Max-unpooling, sixteen channels at a time.</summary>
public sealed unsafe class BlockedMaxUnpoolingAlgorithm : MaxUnpooling
{
    /// <inheritdoc/>
    public override string Name => "blocked";

    /// <inheritdoc/>
    public override Layout Layout => Layout.Blocked;

    /// <inheritdoc/>
    public override bool Accepts(in PoolShape s) => (long)s.R * s.S <= BlockedMaxPooling.MostTaps;

    /// <inheritdoc/>
    public override long TapBytes(in PoolShape s) => (long)Blocks.Of(s.C) * s.P * s.Q * Blocks.Width;

    /// <inheritdoc/>
    public override void Forward(in PoolShape s, float* v, float* x, byte* taps, float* y, Workers workers)
    {
        Job job = new() { Shape = s, Small = v, X = x, Taps = taps, Large = y };
        workers.Run(ref job, s.N * Blocks.Of(s.C));
    }

    /// <inheritdoc/>
    public override void Backward(in PoolShape s, float* dy, byte* taps, float* dv, Workers workers)
    {
        Job job = new() { Shape = s, Small = dv, Taps = taps, Large = dy };
        workers.Run(ref job, s.N * Blocks.Of(s.C));
    }

    private struct Job : IJob
    {
        public PoolShape Shape;
        public float* Small;
        public float* X;
        public byte* Taps;
        public float* Large;

        public readonly void Run(int chunk, int worker)
        {
            long large = (long)chunk * Shape.H * Shape.W * Blocks.Width, small = (long)chunk * Shape.P * Shape.Q * Blocks.Width;
            if (X == null)
            {
                BlockedUnpooling.Gather(Shape, Large + large, Taps + small, Small + small);
            }
            else
            {
                BlockedMaxPooling.Forward(Shape, X + large, null, Taps + small, false, 0, Shape.P);
                BlockedMaxPooling.Backward(Shape, Small + small, Taps + small, Large + large, false);
            }
        }
    }
}
