using System.Runtime.CompilerServices;
using Fovea.Core.Shapes;

namespace Fovea.Core.Kernels;

/// <summary>
/// Backward weights as a product of Fourier transforms: that of x times the conjugate of that of dy, summed over the images,
/// transformed back as far as the window goes.
/// </summary>
/// <remarks>
/// <code>
/// sources    [real, imaginary, −real][frequency][image][16]: one block of x
/// gradients  [frequency][image][real, imaginary][filters of the group]
/// sums       [channel of the block][filter block][frequency][element]
/// </code>
/// A chunk is a block of input channels by a group of filters: all per worker.
/// </remarks>
[SkipLocalsInit]
internal readonly unsafe struct FourierSum
{
    private const int MostImages = 8;
    private readonly FourierSizes sizes;

    /// <summary>Cuts the sum.</summary>
    public FourierSum(in ConvShape s)
    {
        sizes = new FourierSizes(s);
        TargetBlocks = Blocks.Of(s.K);
        SourceBlocks = Blocks.Of(s.C);
        GroupBlocks = Math.Min(Math.Min(2, PixelTile.MostBlocks), TargetBlocks);
    }

    /// <summary>Blocks of input channels.</summary>
    public int SourceBlocks { get; }

    /// <summary>Blocks of filters.</summary>
    public int TargetBlocks { get; }

    /// <summary>Blocks of filters in a chunk.</summary>
    public int GroupBlocks { get; }

    /// <summary>The transform.</summary>
    public FourierPlane Plane => sizes.Plane;

    /// <summary>Chunks of work.</summary>
    public int Chunks => SourceBlocks * Correlation.Pieces(TargetBlocks, GroupBlocks);

    /// <summary>Floats of scratch a worker, as much as any smaller batch needs.</summary>
    public long ScratchFloats
    {
        get
        {
            ConvShape s = sizes.Shape;
            int images = Math.Clamp(s.N, 1, MostImages);
            long spectra = (long)Plane.Frequencies * 16 * ((3L * images) + (2L * images * GroupBlocks) + (2L * 16 * GroupBlocks));
            return spectra + (16L * s.R * s.S) + Plane.RoomFloats(Math.Max(Math.Max(s.H, s.P), s.R)) + (4 * images * sizeof(Tap) / sizeof(float)) + 16;
        }
    }

    /// <summary>Computes the weights between a block of channels and a group of filters.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Run<T>(int chunk, float* x, float* dy, float* dw, float* scratch)
        where T : struct, ILanes<T>
    {
        ConvShape s = sizes.Shape;
        int groups = Correlation.Pieces(TargetBlocks, GroupBlocks);
        int source = chunk / groups, block0 = chunk % groups * GroupBlocks, blocks = Math.Min(GroupBlocks, TargetBlocks - block0);
        int channels = Math.Min(16, s.C - (16 * source)), width = 16 * blocks;
        int most = Math.Clamp(s.N, 1, MostImages);
        nint part = (nint)Plane.Frequencies * most * 16, spectrum = (nint)Plane.Frequencies * 32;

        float* sources = scratch, gradients = sources + (3 * part), sums = gradients + (2 * GroupBlocks * part), windows = sums + (16 * GroupBlocks * spectrum);
        Tap* real = (Tap*)(windows + ((nint)16 * s.R * s.S)), imaginary = real + (2 * most);
        float* room = (float*)(imaginary + (2 * most));
        for (int image0 = 0; image0 < s.N; image0 += most)
        {
            int images = Math.Min(most, s.N - image0);
            for (int n = 0; n < images; n++)
            {
                real[2 * n] = new Tap(n * 16, 1);
                real[(2 * n) + 1] = new Tap((int)part + (n * 16), 1);
                imaginary[2 * n] = new Tap((int)part + (n * 16), 1);
                imaginary[(2 * n) + 1] = new Tap((int)(2 * part) + (n * 16), 1);
                float* from = x + ((((nint)(image0 + n) * SourceBlocks) + source) * s.H * s.W * 16);
                Plane.Forward<T>(from, s.H, s.W, 1, 1, sources + (n * 16), most * 16, part, negated: true, room);
                for (int b = 0; b < blocks; b++)
                {
                    from = dy + ((((nint)(image0 + n) * TargetBlocks) + block0 + b) * s.P * s.Q * 16);
                    Plane.Forward<T>(from, s.P, s.Q, sizes.Scale, sizes.Scale, gradients + ((nint)n * 2 * width) + (b * 16), 2 * most * width, width, negated: false, room);
                }
            }

            TileFlags flags = image0 == 0 ? TileFlags.None : TileFlags.Accumulate;
            for (int f = 0; f < Plane.Frequencies; f++)
            {
                float* from = sources + ((nint)f * most * 16), w = gradients + ((nint)f * 2 * most * width), to = sums + ((nint)f * 32);
                PixelTile.Row<PlainStep>(blocks, channels, real, 2 * images, from, w, to, spectrum, blocks * spectrum, null, flags);
                PixelTile.Row<PlainStep>(blocks, channels, imaginary, 2 * images, from, w, to + 16, spectrum, blocks * spectrum, null, flags);
            }
        }

        (FourierRange down, FourierRange across) = sizes.Weights;
        for (int channel = 0; channel < channels; channel++)
        {
            for (int b = 0; b < blocks; b++)
            {
                Plane.Backward<T>(sums + (((channel * blocks) + b) * spectrum), 32, down, across, null, false, windows, room);
                FourierWindow.Scatter(sizes, windows, block0 + b, (16 * source) + channel, dw);
            }
        }
    }
}
