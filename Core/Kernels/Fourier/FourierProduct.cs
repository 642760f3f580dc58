using System.Runtime.CompilerServices;
using Fovea.Core.Shapes;

namespace Fovea.Core.Kernels;

/// <summary>
/// Convolution as a product of Fourier transforms, forward and backward for inputs: images are transformed, each frequency is
/// a complex matrix product over the channels, the products are transformed back (Mathieu, Henaff and LeCun, "Fast training of
/// convolutional networks through FFTs", 2013). What it costs hardly depends on the size of the window.
/// </summary>
/// <remarks>
/// <code>
/// weights   K×C×R×S, plain
/// packed    [frequency][filter group][source block][real, imaginary][channel][filters of the group], conjugated forward
/// sources   [source block][real, imaginary, −real][frequency][image][16]: per worker, for the images of a chunk
/// targets   [target block][frequency][image][element]
/// </code>
/// With the negated copy both parts of a complex product are sums of real ones over the same weights:
/// xr·wr + xi·wi, and xi·wr + (−xr)·wi.
/// </remarks>
[SkipLocalsInit]
internal readonly unsafe struct FourierProduct
{
    private const int MostImages = 8;
    private const int LeastChunks = 4;
    private readonly bool backward;
    private readonly FourierSizes sizes;

    private FourierProduct(in ConvShape s, bool backward)
    {
        this.backward = backward;
        sizes = new FourierSizes(s);
        (SourceChannels, TargetChannels) = backward ? (s.K, s.C) : (s.C, s.K);
        SourceBlocks = Blocks.Of(SourceChannels);
        TargetBlocks = Blocks.Of(TargetChannels);
        GroupBlocks = Math.Min(Math.Min(2, PixelTile.MostBlocks), TargetBlocks);
        ImagesPerChunk = Correlation.Even(s.N, MostImages);

        // A batch of few images is cut along the filters; each part transforms the images anew.
        int groups = Correlation.Pieces(TargetBlocks, GroupBlocks);
        int slices = Math.Clamp(LeastChunks / Math.Max(1, Correlation.Pieces(s.N, ImagesPerChunk)), 1, Math.Max(1, groups / 2));
        RangeBlocks = GroupBlocks * Correlation.Even(groups, Correlation.Pieces(groups, slices));
    }

    /// <summary>Channels that are read.</summary>
    public int SourceChannels { get; }

    /// <summary>Channels that are written.</summary>
    public int TargetChannels { get; }

    /// <summary>Blocks that are read.</summary>
    public int SourceBlocks { get; }

    /// <summary>Blocks that are written.</summary>
    public int TargetBlocks { get; }

    /// <summary>Target blocks that packed weights lie together for.</summary>
    public int GroupBlocks { get; }

    /// <summary>Target blocks of a chunk.</summary>
    public int RangeBlocks { get; }

    /// <summary>Images of a chunk.</summary>
    public int ImagesPerChunk { get; }

    /// <summary>Chunks of work.</summary>
    public int Chunks => Correlation.Pieces(sizes.Shape.N, ImagesPerChunk) * Ranges;

    /// <summary>Ranges of target blocks.</summary>
    public int Ranges => Correlation.Pieces(TargetBlocks, RangeBlocks);

    /// <summary>The transform.</summary>
    public FourierPlane Plane => sizes.Plane;

    /// <summary>Floats of packed weights, and of room to pack each target block in.</summary>
    public long PackedFloats => (Plane.Frequencies * Step) + (TargetBlocks * PackingRoom);

    /// <summary>Floats of scratch a worker, as much as any smaller batch, and packing, need.</summary>
    public long ScratchFloats
    {
        get
        {
            int images = Math.Clamp(sizes.Shape.N, 1, MostImages);
            long spectra = (long)Plane.Frequencies * images * ((3L * 16 * SourceBlocks) + (2L * 16 * TargetBlocks));
            return spectra + Plane.RoomFloats(Math.Max(sizes.Shape.H, sizes.Shape.P)) + 16 + (2 * SourceBlocks * sizeof(Tap) / sizeof(float) * 2) + 16;
        }
    }

    private long PackingRoom => (16L * sizes.WindowRows * sizes.WindowColumns) + Plane.RoomFloats(sizes.WindowRows);

    // Weights of a frequency, an odd number of cache lines, so that frequencies do not fall on one set of the cache.
    private nint Step => ((2 * (nint)SourceChannels * TargetBlocks) | 1) * 16;

    /// <summary>y from x.</summary>
    public static FourierProduct Forward(in ConvShape s) => new(s, backward: false);

    /// <summary>dx from dy.</summary>
    public static FourierProduct Backward(in ConvShape s) => new(s, backward: true);

    /// <summary>Transforms the weights of a target block.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Pack<T>(int block, float* weights, float* packed)
        where T : struct, ILanes<T>
    {
        int rows = sizes.WindowRows, columns = sizes.WindowColumns;
        float* window = packed + (Plane.Frequencies * Step) + (block * PackingRoom), room = window + (16L * rows * columns);
        int group = block / GroupBlocks * GroupBlocks;
        int width = Math.Min(GroupBlocks, TargetBlocks - group) * 16;
        float* to = packed + (2 * (nint)SourceChannels * group * 16) + ((block - group) * 16);
        for (int channel = 0; channel < SourceChannels; channel++)
        {
            FourierWindow.Gather(sizes, weights, backward, block, channel, window);
            int beside = Math.Min(16, SourceChannels - (channel & ~15));
            float* at = to + (((2 * (nint)(channel & ~15)) + (channel & 15)) * width);
            Plane.Forward<T>(window, rows, columns, sizes.Scale, backward ? -sizes.Scale : sizes.Scale, at, Step, beside * width, negated: false, room);
        }
    }

    /// <summary>Computes one chunk.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Run<T>(int chunk, float* source, float* packed, float* bias, bool relu, float* target, float* scratch)
        where T : struct, ILanes<T>
    {
        ConvShape s = sizes.Shape;
        (int sourceRows, int sourceColumns, int targetPlane) = backward ? (s.P, s.Q, s.H * s.W) : (s.H, s.W, s.P * s.Q);
        (FourierRange down, FourierRange across) = backward ? sizes.Inputs : sizes.Outputs;
        int image0 = chunk / Ranges * ImagesPerChunk, images = Math.Min(ImagesPerChunk, s.N - image0);
        int block0 = chunk % Ranges * RangeBlocks, block1 = Math.Min(TargetBlocks, block0 + RangeBlocks);
        nint spectrum = (nint)Plane.Frequencies * images * 16;

        float* x = scratch, y = x + (3 * SourceBlocks * spectrum), padded = y + (2 * TargetBlocks * spectrum);
        Tap* real = (Tap*)(padded + 16), imaginary = real + (2 * SourceBlocks);
        float* room = (float*)(imaginary + (2 * SourceBlocks));
        for (int block = 0; block < SourceBlocks; block++)
        {
            int at = checked((int)(3 * block * spectrum)), part = (int)spectrum, length = Math.Min(16, SourceChannels - (16 * block));
            real[2 * block] = new Tap(at, length);
            real[(2 * block) + 1] = new Tap(at + part, length);
            imaginary[2 * block] = new Tap(at + part, length);
            imaginary[(2 * block) + 1] = new Tap(at + (2 * part), length);
            for (int n = 0; n < images; n++)
            {
                float* from = source + ((((nint)(image0 + n) * SourceBlocks) + block) * sourceRows * sourceColumns * 16);
                Plane.Forward<T>(from, sourceRows, sourceColumns, 1, 1, x + at + (n * 16), images * 16, part, negated: true, room);
            }
        }

        for (int f = 0; f < Plane.Frequencies; f++)
        {
            float* sources = x + ((nint)f * images * 16);
            for (int block = block0; block < block1; block += GroupBlocks)
            {
                int blocks = Math.Min(GroupBlocks, block1 - block);
                float* w = packed + (f * Step) + (2 * (nint)SourceChannels * block * 16);
                float* to = y + (2 * (block - block0) * spectrum) + ((nint)f * images * 32);
                PixelTile.Row<BlockedStep>(blocks, images, real, 2 * SourceBlocks, sources, w, to, 2 * spectrum, 32, null, TileFlags.None);
                PixelTile.Row<BlockedStep>(blocks, images, imaginary, 2 * SourceBlocks, sources, w, to + 16, 2 * spectrum, 32, null, TileFlags.None);
            }
        }

        for (int block = block0; block < block1; block++)
        {
            if (bias != null)
            {
                int present = Math.Min(16, TargetChannels - (16 * block));
                new ReadOnlySpan<float>(bias + (16 * block), present).CopyTo(new Span<float>(padded, present));
                new Span<float>(padded + present, 16 - present).Clear();
            }

            for (int n = 0; n < images; n++)
            {
                float* to = target + ((((nint)(image0 + n) * TargetBlocks) + block) * targetPlane * 16);
                Plane.Backward<T>(y + (2 * (block - block0) * spectrum) + (n * 32), images * 32, down, across, bias == null ? null : padded, relu, to, room);
            }
        }
    }
}
