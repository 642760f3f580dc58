using System.Runtime.CompilerServices;
using Fovea.Core.Shapes;

namespace Fovea.Core.Kernels;

/// <summary>
/// Direct convolution of one chunk: the rows of a band, tile by tile, from a copied band of the source (or from the
/// source itself) with packed weights. Serves the forward pass and the backward pass for inputs.
/// </summary>
/// <remarks>
/// <code>
/// source  N×⌈C/16⌉×H×W×16, or plain N×C×H×W
/// packed  as <see cref="WeightPacking"/> writes it
/// bias    [target channels], or null
/// target  N×⌈K/16⌉×P×Q×16, or plain N×K×P×Q; every element is written
/// </code>
/// </remarks>
internal static unsafe class DirectKernel
{
    /// <summary>
    /// Floats of scratch: the bias padded to whole blocks, the lists of taps, a plain stem's tile of targets on their way, the bands of a
    /// chunk's images, and their targets where they are to lie plain. As much as any smaller batch needs, however it is cut.
    /// </summary>
    public static long ScratchFloats(in Correlation c) =>
        BiasFloats(c) + TapFloats(c) + PlainStem.ScratchFloats(c) + (c.MostImages * (c.WithBands(c.MostRows, c.BlocksPerPass, 1).BandFloats + TargetFloats(c)));

    /// <summary>Computes one of the correlation's chunks.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Run(in Correlation c, int chunk, float* source, float* packed, float* bias, bool relu, float* target, float* scratch)
    {
        int ranges = Correlation.Pieces(c.TargetBlocks, c.BlocksPerRange);
        int bands = Correlation.Pieces(c.RowCount, c.RowsPerBand);
        int range = chunk % ranges;
        chunk /= ranges;
        int band = chunk % bands;
        chunk /= bands;
        int group = chunk % c.Groups;
        int images = chunk / c.Groups;

        int image0 = images * c.ImagesPerChunk;
        int image1 = Math.Min(c.Images, image0 + c.ImagesPerChunk);
        int row0 = band * c.RowsPerBand;
        int row1 = Math.Min(c.RowCount, row0 + c.RowsPerBand);
        int block0 = range * c.BlocksPerRange;
        int block1 = Math.Min(c.TargetBlocks, block0 + c.BlocksPerRange);

        float* paddedBias = scratch;
        var taps = (Tap*)(scratch + BiasFloats(c));
        float* bands0 = scratch + BiasFloats(c) + TapFloats(c);
        if (bias != null)
        {
            bias = PadBias(c, bias + (group * c.TargetChannels), paddedBias);
        }

        nint sourceImage = c.Stem || c.PlainSource
            ? (nint)c.Groups * c.SourceChannels * c.SourcePlane
            : (nint)c.Groups * c.SourceBlocks * Blocks.Width * c.SourcePlane;
        nint targetImage = (nint)c.Groups * c.TargetBlocks * Blocks.Width * c.TargetPlane;
        float* whole = target;
        source += group * (sourceImage / c.Groups);
        target += group * (targetImage / c.Groups);

        // Where the chunk's targets go: to their place, or into scratch, to be turned over when they are complete.
        int rowOrigin = 0;
        nint planeFloats = (nint)c.TargetPlane * Blocks.Width;
        float* landing = target + (image0 * targetImage) + (block0 * planeFloats);
        nint landingImage = targetImage;
        if (c.PlainTarget)
        {
            rowOrigin = row0;
            planeFloats = (nint)c.TargetPixels(row1 - row0) * Blocks.Width;
            landing = bands0 + (c.ImagesPerChunk * c.BandFloats);
            landingImage = (block1 - block0) * planeFloats;
        }

        // Where one pass and one phase complete a row, its pixels are turned over while the first cache has them.
        bool turnAtOnce = c.PlainTarget && c.BlocksPerPass >= c.SourceBlocks && c.Rows.Phases == 1 && c.Columns.Phases == 1;
        bool far = c.PlainTarget && FarStores.Suit(whole, (long)c.Images * c.Groups * c.TargetChannels * c.TargetPlane);
        bool plainStem = PlainStem.Fits(c);
        long reduction = (long)c.SourceChannels * c.Rows.Taps * c.Columns.Taps;
        packed += (long)group * c.TargetBlocks * Blocks.Width * reduction;

        for (int pass0 = 0; pass0 < c.SourceBlocks; pass0 += c.BlocksPerPass)
        {
            int pass1 = Math.Min(c.SourceBlocks, pass0 + c.BlocksPerPass);
            TileFlags flags = (pass0 > 0 ? TileFlags.Accumulate : 0) | (relu && pass1 == c.SourceBlocks ? TileFlags.Relu : 0);
            float* from = bands0;
            nint fromImage = (nint)c.BandFloats;
            if (c.InPlace)
            {
                from = source + (image0 * sourceImage) + ((nint)pass0 * c.PlaneFloats) + ((nint)row0 * c.RowFloats);
                fromImage = sourceImage;
            }
            else
            {
                for (int image = image0; image < image1; image++)
                {
                    BandCopy.Copy(c, source + (image * sourceImage), pass0, pass1, (row0 * c.Rows.Step) + c.Rows.Nearest, bands0 + ((image - image0) * fromImage));
                }
            }

            int window = 0;
            for (int rowPhase = 0; rowPhase < c.Rows.Phases; rowPhase++)
            {
                int rowTaps = c.Rows.TapsOf(rowPhase);
                for (int columnPhase = 0; columnPhase < c.Columns.Phases; columnPhase++)
                {
                    int windowTaps = rowTaps * c.Columns.TapsOf(columnPhase);
                    int last = Math.Min(row1, c.Flat ? c.RowCount : c.Rows.Count(rowPhase));
                    int pixels = c.Flat ? c.RowPixels : c.Columns.Count(columnPhase);
                    if (pixels == 0 || row0 >= last)
                    {
                        // A target narrower than the stride lacks some phases.
                    }
                    else if (windowTaps == 0)
                    {
                        for (int image = image0; image < image1; image++)
                        {
                            for (int block = block0; block < block1; block++)
                            {
                                float* y = landing + ((image - image0) * landingImage) + ((block - block0) * planeFloats);
                                ClearPhase(c, y, row0 - rowOrigin, last - rowOrigin, rowPhase, columnPhase);
                            }
                        }
                    }
                    else
                    {
                        int count = WindowTaps.List(c, rowPhase, columnPhase, pass0, pass1, taps);
                        long before = ((long)window * c.SourceChannels) + ((long)pass0 * Blocks.Width * windowTaps);
                        for (int block = block0; block < block1;)
                        {
                            int blocks = c.GroupAt(block);
                            float* w = packed + (block * Blocks.Width * reduction) + (before * blocks * Blocks.Width);
                            float* b = bias == null ? null : bias + (block * Blocks.Width);
                            for (int image = image0; image < image1; image++)
                            {
                                if (plainStem)
                                {
                                    int filters = Math.Min(blocks * Blocks.Width, c.TargetChannels - (block * Blocks.Width));
                                    nint first = (((((nint)image * c.Groups) + group) * c.TargetChannels) + (block * Blocks.Width)) * c.TargetPlane;
                                    float* phase = whole + first + (rowPhase * c.Columns.Targets) + columnPhase;
                                    PlainStem.Band(c, blocks, taps, count, from + ((image - image0) * fromImage), w, b, flags, phase, filters, row0, last, pixels, far, landing);
                                    continue;
                                }

                                if (turnAtOnce)
                                {
                                    nint channel = ((((nint)image * c.Groups) + group) * c.TargetChannels) + (block * Blocks.Width);
                                    BandTurned(c, blocks, taps, count, from + ((image - image0) * fromImage), w, b, flags, landing, row0, last, pixels, whole + (channel * c.TargetPlane), c.TargetChannels - (block * Blocks.Width));
                                    continue;
                                }

                                float* y = landing + ((image - image0) * landingImage) + ((block - block0) * planeFloats);
                                Band(c, blocks, taps, count, from + ((image - image0) * fromImage), w, b, flags, y, planeFloats, row0, last, rowOrigin, rowPhase, columnPhase, pixels);
                            }

                            block += blocks;
                        }
                    }

                    window += windowTaps;
                }
            }
        }

        if (c.PlainTarget && !turnAtOnce && !plainStem)
        {
            int first = c.TargetPixels(row0);
            int count = Math.Min(c.TargetPlane, c.TargetPixels(row1)) - first;
            for (int image = image0; image < image1; image++)
            {
                for (int block = block0; block < block1; block++)
                {
                    int channels = Math.Min(Blocks.Width, c.TargetChannels - (block * Blocks.Width));
                    nint channel = (((nint)image * c.Groups) + group) * c.TargetChannels + (block * Blocks.Width);
                    Turn(landing + ((image - image0) * landingImage) + ((block - block0) * planeFloats), count, channels, whole + (channel * c.TargetPlane) + first, c.TargetPlane);
                }
            }
        }
    }

    /// <summary>Pixels of a block, turned over into the planes of its channels.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static void Turn(float* block, int pixels, int channels, float* plane, nint planeFloats)
    {
        for (int pixel = 0; pixel < pixels; pixel += Blocks.Width)
        {
            Transpose16.Clipped(block + ((nint)pixel * Blocks.Width), Blocks.Width, Math.Min(Blocks.Width, pixels - pixel), channels, plane + pixel, planeFloats);
        }
    }

    // A filter group's rows, a few at a time: computed in blocks, then turned over into the planes of their channels.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void BandTurned(in Correlation c, int blocks, Tap* taps, int count, float* x, float* w, float* bias, TileFlags flags, float* room, int row0, int row1, int pixels, float* planes, int channels)
    {
        // Few enough that their stores drain while the next are computed.
        const int Together = 32;
        int rows = Math.Max(1, Together / c.RowPixels);
        for (int row = row0; row < row1; row += rows)
        {
            int end = Math.Min(row1, row + rows);
            int first = c.TargetPixels(row);
            int all = Math.Min(c.TargetPlane, c.TargetPixels(end)) - first;
            nint plane = (nint)c.TargetPixels(end - row) * Blocks.Width;
            Band(c, blocks, taps, count, x + ((nint)(row - row0) * c.Rows.Step * c.RowFloats), w, bias, flags, room, plane, row, end, row, 0, 0, pixels);
            for (int block = 0; block < blocks; block++)
            {
                float* to = planes + ((nint)block * Blocks.Width * c.TargetPlane) + first;
                Turn(room + (block * plane), all, Math.Min(Blocks.Width, channels - (block * Blocks.Width)), to, c.TargetPlane);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Band(in Correlation c, int blocks, Tap* taps, int count, float* x, float* w, float* bias, TileFlags flags, float* y, nint yBlock, int row0, int row1, int rowOrigin, int rowPhase, int columnPhase, int pixels)
    {
        nint yPixel = (nint)c.Columns.Phases * Blocks.Width;
        nint yRow = (nint)(c.Flat ? c.RowPixels : c.Columns.Targets) * c.Rows.Phases * Blocks.Width;
        nint xRow = (nint)c.Rows.Step * c.RowFloats;
        y += ((row0 - rowOrigin) * yRow) + ((((nint)rowPhase * c.Columns.Targets) + columnPhase) * Blocks.Width);
        for (int row = row0; row < row1; row++)
        {
            int now = c.Flat ? Math.Min(pixels, c.TargetPlane - (row * pixels)) : pixels;
            if (c.Stem)
            {
                PixelTile.Row<PlainStep>(blocks, now, taps, count, x, w, y, yBlock, yPixel, bias, flags);
            }
            else
            {
                PixelTile.Row<BlockedStep>(blocks, now, taps, count, x, w, y, yBlock, yPixel, bias, flags);
            }

            x += xRow;
            y += yRow;
        }
    }

    // Inputs that no window reaches: every pixel of a phase without taps.
    private static void ClearPhase(in Correlation c, float* y, int row0, int row1, int rowPhase, int columnPhase)
    {
        for (int row = row0; row < row1; row++)
        {
            float* pixels = y + ((nint)((row * c.Rows.Phases) + rowPhase) * c.Columns.Targets * Blocks.Width);
            for (int column = columnPhase; column < c.Columns.Targets; column += c.Columns.Phases)
            {
                new Span<float>(pixels + ((nint)column * Blocks.Width), Blocks.Width).Clear();
            }
        }
    }

    private static float* PadBias(in Correlation c, float* bias, float* padded)
    {
        int lanes = c.TargetBlocks * Blocks.Width;
        new ReadOnlySpan<float>(bias, c.TargetChannels).CopyTo(new Span<float>(padded, lanes));
        new Span<float>(padded + c.TargetChannels, lanes - c.TargetChannels).Clear();
        return padded;
    }

    private static long BiasFloats(in Correlation c) => c.TargetBlocks * Blocks.Width;

    // Two ints a tap, rounded up so that the bands begin where the scratch's alignment has them.
    private static long TapFloats(in Correlation c) => ((2L * c.TapCount) + 15) / 16 * 16;

    private static long TargetFloats(in Correlation c) =>
        c.PlainTarget ? (long)c.TargetPixels(c.MostRows) * c.TargetBlocks * Blocks.Width : 0;
}
