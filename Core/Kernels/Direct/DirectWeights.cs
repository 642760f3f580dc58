using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Fovea.Core.Shapes;

namespace Fovea.Core.Kernels;

/// <summary>Direct backward weights: dw = Σ over images and pixels of dy · x, by register tiles.</summary>
/// <remarks>
/// <code>
/// x       N×⌈C/16⌉×H×W×16, or plain N×C×H×W
/// dy      N×⌈K/16⌉×P×Q×16, or plain N×K×P×Q
/// shared  sums as <see cref="WeightParts"/> adds them
/// </code>
/// </remarks>
[SkipLocalsInit]
internal static unsafe class DirectWeights
{
    /// <summary>Sums one part of the batch for one range of filters and channels.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Sum(in WeightSum w, int chunk, float* x, float* dy, float* shared, float* scratch)
    {
        Correlation c = w.Bands;
        int part = chunk / w.Ranges;
        int range = chunk % w.Ranges;
        int sourceRanges = Correlation.Pieces(c.SourceBlocks, w.SourcesPerRange);
        int targetRanges = Correlation.Pieces(c.TargetBlocks, w.TargetsPerRange);
        int source0 = range % sourceRanges * w.SourcesPerRange;
        int source1 = Math.Min(c.SourceBlocks, source0 + w.SourcesPerRange);
        range /= sourceRanges;
        int target0 = range % targetRanges * w.TargetsPerRange;
        int target1 = Math.Min(c.TargetBlocks, target0 + w.TargetsPerRange);
        int group = range / targetRanges;

        nint sourceImage = c.PlainSource
            ? (nint)c.Groups * c.SourceChannels * c.SourcePlane
            : (nint)c.Groups * c.SourceBlocks * Blocks.Width * c.SourcePlane;
        nint targetImage = (nint)c.Groups * c.TargetBlocks * Blocks.Width * c.TargetPlane;
        x += group * (sourceImage / c.Groups);
        float* wholeGradient = dy;
        dy += group * (targetImage / c.Groups);
        float* sums = shared + (part * w.TotalFloats) + ((long)group * c.TargetBlocks * c.SourceBlocks * w.SlabFloats);

        int bands = Correlation.Pieces(c.RowCount, c.RowsPerBand);
        int first = (int)((long)w.Items * part / w.Parts);
        int last = (int)((long)w.Items * (part + 1) / w.Parts);
        WeightSpan span = default;
        span.DyImage = targetImage;
        span.DyBlock = (nint)c.TargetPlane * Blocks.Width;
        span.DwBlock = (nint)c.SourceBlocks * w.SlabFloats;
        for (int item = first; item < last; item++)
        {
            int image = item / bands * c.ImagesPerChunk;
            int row = item % bands * c.RowsPerBand;
            span.Images = Math.Min(c.ImagesPerChunk, c.Images - image);
            span.Rows = Math.Min(c.RowsPerBand, c.RowCount - row);
            span.Pixels = c.RowPixels;
            span.DyRow = (nint)c.RowPixels * Blocks.Width;
            span.XRow = (nint)c.Rows.Step * c.RowFloats;
            if (c.Flat)
            {
                span.Pixels = Math.Min(span.Rows * c.RowPixels, c.TargetPlane - (row * c.RowPixels));
                span.Rows = 1;
            }

            float* from = scratch;
            if (c.InPlace)
            {
                from = x + (image * sourceImage) + ((nint)source0 * c.PlaneFloats) + ((nint)row * c.RowFloats);
                span.XImage = sourceImage;
            }
            else
            {
                span.XImage = (nint)c.BandFloats;
                for (int i = 0; i < span.Images; i++)
                {
                    BandCopy.Copy(c, x + ((image + i) * sourceImage), source0, source1, (row * c.Rows.Step) + c.Rows.Nearest, scratch + (i * span.XImage));
                }
            }

            float* gradient = dy + (image * targetImage) + (target0 * span.DyBlock) + ((nint)row * c.RowPixels * Blocks.Width);
            if (w.PlainGradient)
            {
                gradient = scratch + (c.InPlace ? 0 : c.ImagesPerChunk * c.BandFloats);
                int first0 = c.TargetPixels(row);
                int pixels = Math.Min(c.TargetPlane, c.TargetPixels(Math.Min(c.RowCount, row + c.RowsPerBand))) - first0;
                span.DyImage = (nint)pixels * Blocks.Width;
                span.DyBlock = span.Images * span.DyImage;
                for (int target = target0; target < target1; target++)
                {
                    int channels = Math.Min(Blocks.Width, c.TargetChannels - (target * Blocks.Width));
                    for (int i = 0; i < span.Images; i++)
                    {
                        nint channel = ((((nint)(image + i) * c.Groups) + group) * c.TargetChannels) + ((nint)target * Blocks.Width);
                        Gather(wholeGradient + (channel * c.TargetPlane) + first0, c.TargetPlane, channels, pixels, gradient + ((target - target0) * span.DyBlock) + (i * span.DyImage));
                    }
                }
            }

            for (int target = target0; target < target1; target += w.TileBlocks)
            {
                int blocks = Math.Min(w.TileBlocks, target1 - target);
                float* g = gradient + ((target - target0) * span.DyBlock);
                float* to = sums + (target * span.DwBlock);
                if (c.Stem)
                {
                    Stem(c, blocks, span, from, g, to, item > first);
                }
                else
                {
                    Blocked(c, blocks, &span, from, source0, source1, g, to, w.SlabFloats, item > first);
                }
            }
        }
    }

    /// <summary>Planes of a block's channels, turned over into its pixels.</summary>
    internal static void Gather(float* plane, nint planeFloats, int channels, int pixels, float* block)
    {
        for (int pixel = 0; pixel < pixels; pixel += Blocks.Width)
        {
            Transpose16.Lanes(plane + pixel, planeFloats, channels, Math.Min(Blocks.Width, pixels - pixel), block + ((nint)pixel * Blocks.Width), Blocks.Width);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Blocked(in Correlation c, int blocks, WeightSpan* span, float* x, int source0, int source1, float* dy, float* sums, int slabFloats, bool accumulate)
    {
        int* taps = stackalloc int[c.Columns.Taps];
        int* places = stackalloc int[c.Columns.Taps];
        int columns = WindowTaps.Columns(c, 0, taps, places);
        int origin = c.InPlace ? 0 : c.Rows.Nearest;
        for (int source = source0; source < source1; source++)
        {
            int channels = Math.Min(Blocks.Width, c.SourceChannels - (source * Blocks.Width));
            for (int row = 0; row < c.Rows.Taps; row++)
            {
                c.Rows.Reads(0, row, out int offset);
                float* xRow = x + ((nint)(source - source0) * c.PlaneFloats) + ((nint)(offset - origin) * c.RowFloats);
                for (int i = 0; i < columns; i++)
                {
                    float* a = xRow + (places[i] * Blocks.Width);
                    float* dw = sums + ((nint)source * slabFloats) + (((row * columns) + taps[i]) * Blocks.Width * Blocks.Width);
                    for (int channel = 0; channel < channels; channel += WeightTile.Channels)
                    {
                        WeightTile.Run(blocks, span, a + channel, dy, dw + (channel * Blocks.Width), accumulate);
                    }
                }
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Stem(in Correlation c, int blocks, WeightSpan span, float* x, float* dy, float* sums, bool accumulate)
    {
        int* taps = stackalloc int[c.Columns.Taps];
        int* places = stackalloc int[c.Columns.Taps];
        WindowTaps.Columns(c, 0, taps, places);
        for (int channel = 0; channel < c.SourceChannels; channel++)
        {
            StemTile tile = default;
            while (tile.Next(c, places, out tile))
            {
                c.Rows.Reads(0, tile.Row, out int offset);
                nint begin = (nint)(offset - c.Rows.Nearest) * c.RowFloats;
                if (tile.Rows > 1)
                {
                    c.Rows.Reads(0, tile.Row + 1, out int second);
                    span.Group1 = (nint)(second - offset) * c.RowFloats;
                    span.Group2 = 2 * span.Group1;
                }

                WeightTile.RunStem(blocks, tile.Rows, tile.Columns, &span, x + begin + places[tile.Column], dy, sums, accumulate);
                sums += tile.Rows * tile.Columns * Blocks.Width;
            }

            x += c.PlaneFloats;
        }
    }
}
