using Fovea.Core.Kernels;
using Fovea.Core.Kernels.Pooling;
using Fovea.Core.Shapes;

namespace Fovea.Core.Dispatch;

/// <summary>Max pooling, sixteen channels at a time.</summary>
public sealed unsafe class BlockedMaxPoolingAlgorithm : MaxPooling
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
    public override void Forward(in PoolShape s, float* x, float* y, byte* taps, Workers workers)
    {
        ForwardJob job = new() { Shape = s, X = x, Y = y, Taps = taps };
        workers.Run(ref job, s.N * Blocks.Of(s.C));
    }

    /// <inheritdoc/>
    public override void Backward(in PoolShape s, float* dy, byte* taps, float* dx, Workers workers)
    {
        BackwardJob job = new() { Shape = s, Dy = dy, Taps = taps, Dx = dx, IsFar = FarStores.Suit(dx, s.N * Blocks.ImageFloats(Layout.Blocked, s.C, s.H * s.W)) };
        workers.Run(ref job, s.N * Blocks.Of(s.C));
    }

    private struct ForwardJob : IJob
    {
        public PoolShape Shape;
        public float* X;
        public float* Y;
        public byte* Taps;

        public readonly void Run(int chunk, int worker)
        {
            long input = (long)chunk * Shape.H * Shape.W * Blocks.Width, output = (long)chunk * Shape.P * Shape.Q * Blocks.Width;
            BlockedMaxPooling.Forward(Shape, X + input, Y + output, Taps == null ? null : Taps + output, 0, Shape.P);
        }
    }

    private struct BackwardJob : IJob
    {
        public PoolShape Shape;
        public float* Dy;
        public byte* Taps;
        public float* Dx;
        public bool IsFar;

        public readonly void Run(int chunk, int worker)
        {
            long input = (long)chunk * Shape.H * Shape.W * Blocks.Width, output = (long)chunk * Shape.P * Shape.Q * Blocks.Width;
            BlockedMaxPooling.Backward(Shape, Dy + output, Taps + output, Dx + input, IsFar);
        }
    }
}
