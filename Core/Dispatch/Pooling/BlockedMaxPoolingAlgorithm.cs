using Fovea.Core.Kernels;
using Fovea.Core.Kernels.Pooling;
using Fovea.Core.Shapes;

namespace Fovea.Core.Dispatch;

/// <summary>Max pooling, sixteen channels at a time.</summary>
public sealed unsafe class BlockedMaxPoolingAlgorithm : MaxPooling
{
    private const int WantedChunks = 16;
    private const int LeastFloats = 8 * 1024;

    /// <inheritdoc/>
    public override string Name => "blocked";

    /// <inheritdoc/>
    public override Layout Layout => Layout.Blocked;

    /// <inheritdoc/>
    public override bool Accepts(in PoolShape s) => (long)s.R * s.S <= BlockedMaxPooling.MostTaps;

    /// <inheritdoc/>
    public override bool FusesRelu(in PoolShape s) => (long)s.R * s.S < BlockedMaxPooling.MostTaps;

    /// <inheritdoc/>
    public override long TapBytes(in PoolShape s) => (long)Blocks.Of(s.C) * s.P * s.Q * Blocks.Width;

    /// <inheritdoc/>
    public override void Forward(in PoolShape s, float* x, float* y, byte* taps, bool relu, Workers workers)
    {
        // A chunk a block, or bands of rows where those are few: as a convolution's chunks are, whose rows the same worker has near.
        int blocks = s.N * Blocks.Of(s.C);
        int bands = (int)Math.Clamp((long)blocks * s.H * s.W * Blocks.Width / LeastFloats, 1, WantedChunks) / Math.Max(1, s.N);
        ForwardJob job = new() { Shape = s, X = x, Y = y, Taps = taps, Relu = relu };
        if (blocks < WantedChunks && bands > 1 && s.P > 1)
        {
            job.Bands = Math.Min(bands, s.P);
            workers.Run(ref job, s.N * job.Bands);
        }
        else
        {
            workers.Run(ref job, blocks);
        }
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

        public bool Relu;

        /// <summary>Bands of an image's rows, all blocks of which are a chunk; 0 where a block is.</summary>
        public int Bands;

        public readonly void Run(int chunk, int worker)
        {
            if (Bands == 0)
            {
                Block(chunk, 0, Shape.P);
                return;
            }

            int blocks = Blocks.Of(Shape.C), band = chunk % Bands;
            for (int block = 0; block < blocks; block++)
            {
                Block((chunk / Bands * blocks) + block, Shape.P * band / Bands, Shape.P * (band + 1) / Bands);
            }
        }

        private readonly void Block(int chunk, int from, int to)
        {
            long input = (long)chunk * Shape.H * Shape.W * Blocks.Width, output = (long)chunk * Shape.P * Shape.Q * Blocks.Width;
            BlockedMaxPooling.Forward(Shape, X + input, Y + output, Taps == null ? null : Taps + output, Relu, from, to);
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
