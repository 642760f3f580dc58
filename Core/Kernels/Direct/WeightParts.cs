using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Fovea.Core.Shapes;

namespace Fovea.Core.Kernels;

/// <summary>
/// The sums that parts of a batch leave for the gradient of the weights: always added in the order of the parts, so that
/// no bit depends on which worker was faster.
/// </summary>
/// <remarks>
/// <code>
/// shared  [part][group][target block][source block][window][16 channels][16 filters]
///         stem: [part][target block][channel][tile by tile][16 filters]
/// dw      K×(C/groups)×R×S
/// </code>
/// </remarks>
[SkipLocalsInit]
internal static unsafe class WeightParts
{
    /// <summary>Floats of the sums of one target block and one source block (of all channels of a stem).</summary>
    public static int SlabFloats(in Correlation c) =>
        c.Rows.Taps * c.Columns.Taps * Blocks.Width * (c.Stem ? c.SourceChannels : Blocks.Width);

    /// <summary>Floats of one part's sums.</summary>
    public static long TotalFloats(in Correlation c) => (long)c.Groups * c.TargetBlocks * c.SourceBlocks * SlabFloats(c);

    /// <summary>Chunks of adding: one a target block.</summary>
    public static int Chunks(in Correlation c) => c.Groups * c.TargetBlocks;

    /// <summary>Adds the parts of one target block in order and writes its filters' weights.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Add(in Correlation c, int parts, int chunk, float* shared, float* dw, float* scratch)
    {
        int window = c.Rows.Taps * c.Columns.Taps;
        int slabFloats = SlabFloats(c);
        long totalFloats = TotalFloats(c);
        int target = chunk % c.TargetBlocks;
        int filters = Math.Min(Blocks.Width, c.TargetChannels - (target * Blocks.Width));
        long filter = (long)c.SourceChannels * window;
        dw += (((long)(chunk / c.TargetBlocks) * c.TargetChannels) + ((long)target * Blocks.Width)) * filter;
        float* tile = stackalloc float[Blocks.Width * Blocks.Width];
        int* place = stackalloc int[window];
        Order(c, place);
        for (int source = 0; source < c.SourceBlocks; source++)
        {
            float* slab = shared + ((((long)chunk * c.SourceBlocks) + source) * slabFloats);
            float* sum = parts == 1 ? slab : scratch;
            for (long i = 0; i < slabFloats && parts > 1; i += Blocks.Width)
            {
                Vector512<float> s = Vector512.Load(slab + i);
                for (int part = 1; part < parts; part++)
                {
                    s += Vector512.Load(slab + (part * totalFloats) + i);
                }

                s.Store(sum + i);
            }

            int first = source * Blocks.Width;
            int channels = c.Stem ? c.SourceChannels : Math.Min(Blocks.Width, c.SourceChannels - first);
            int channelStep = c.Stem ? window : 1;
            int count = channels * window;
            int channel = 0;
            int position = 0;
            for (int i = 0; i < count; i += Blocks.Width)
            {
                int run = Math.Min(Blocks.Width, count - i);
                for (int j = 0; j < run; j++)
                {
                    Vector512.Load(sum + ((place[position] + (channel * channelStep)) * Blocks.Width)).Store(tile + (j * Blocks.Width));
                    if (++position == window)
                    {
                        position = 0;
                        channel++;
                    }
                }

                Transpose16.Clipped(tile, Blocks.Width, run, filters, dw + ((long)first * window) + i, (nint)filter);
            }
        }
    }

    // Where the sums of every window position begin, in vectors: positions are sixteen channels apart, a stem's as its tiles lie.
    private static void Order(in Correlation c, int* place)
    {
        int window = c.Rows.Taps * c.Columns.Taps;
        if (!c.Stem)
        {
            for (int i = 0; i < window; i++)
            {
                place[i] = i * Blocks.Width;
            }

            return;
        }

        int* taps = stackalloc int[c.Columns.Taps];
        int* places = stackalloc int[c.Columns.Taps];
        WindowTaps.Columns(c, 0, taps, places);
        int at = 0;
        StemTile tile = default;
        while (tile.Next(c, places, out tile))
        {
            for (int row = 0; row < tile.Rows; row++)
            {
                for (int column = 0; column < tile.Columns; column++)
                {
                    place[((tile.Row + row) * c.Columns.Taps) + taps[tile.Column + column]] = at++;
                }
            }
        }
    }
}
