using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Fovea.Core.Shapes;

namespace Fovea.Core.Kernels;

/// <summary>Packs plain weights into the order in which <see cref="PixelTile"/> reads them.</summary>
/// <remarks>
/// <code>
/// weights  K×(C/groups)×R×S
/// packed   [group][filter group][phase][source block][tap of the phase][channel of the block][filters of the group]
/// </code>
/// Lanes past the last target channel are zero.
/// </remarks>
[SkipLocalsInit]
internal static unsafe class WeightPacking
{
    /// <summary>
    /// Chunks of packing: the weights are read as they lie, filter by filter, so that a chunk is a block of filters (targets
    /// forward, sources backward) of one group.
    /// </summary>
    public static int Chunks(in Correlation c) => c.Groups * FilterBlocks(c);

    /// <summary>Packs one chunk.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Run(in Correlation c, float* weights, int chunk, float* packed)
    {
        int window = c.Rows.Taps * c.Columns.Taps;
        int* before = stackalloc int[window];
        int* among = stackalloc int[window];
        int* number = stackalloc int[window];
        Number(c, before, among, number);

        int group = chunk / FilterBlocks(c);
        int first = chunk % FilterBlocks(c) * Blocks.Width;
        long reduction = (long)c.SourceChannels * window;
        packed += (long)group * c.TargetBlocks * Blocks.Width * reduction;
        if (!c.Backward)
        {
            // Lanes are filters; a filter's weights lie side by side.
            float* from = weights + ((((long)group * c.TargetChannels) + first) * reduction);
            float* to = Place(c, first / Blocks.Width, packed, out int stride);
            Lanes(c, from, (nint)reduction, Math.Min(Blocks.Width, c.TargetChannels - first), 0, (int)reduction, before, among, number, to, stride);
            return;
        }

        // Lanes are input channels; filters are summed over.
        long filter = (long)c.TargetChannels * window;
        int last = Math.Min(c.SourceChannels, first + Blocks.Width);
        for (int block = 0; block < c.TargetBlocks; block++)
        {
            float* to = Place(c, block, packed, out int stride);
            int lanes = Math.Min(Blocks.Width, c.TargetChannels - (block * Blocks.Width));
            for (int k = first; k < last; k++)
            {
                float* from = weights + ((((long)group * c.SourceChannels) + k) * filter) + ((long)block * Blocks.Width * window);
                if (window == 1 && lanes == Blocks.Width)
                {
                    Vector512.Load(from).Store(to + ((long)k * stride));
                }
                else
                {
                    Lanes(c, from, window, lanes, k, window, before, among, number, to, stride);
                }
            }
        }
    }

    private static int FilterBlocks(in Correlation c) => Blocks.Of(c.Backward ? c.SourceChannels : c.TargetChannels);

    // Where a target block's lanes begin in the packed weights of its filter group, and how far apart its vectors are.
    private static float* Place(in Correlation c, int block, float* packed, out int stride)
    {
        int start = block / c.GroupBlocks * c.GroupBlocks;
        while (start + c.GroupAt(start) <= block)
        {
            start += c.GroupAt(start);
        }

        stride = c.GroupAt(start) * Blocks.Width;
        long reduction = (long)c.SourceChannels * c.Rows.Taps * c.Columns.Taps;
        return packed + (start * Blocks.Width * reduction) + ((block - start) * Blocks.Width);
    }

    /// <summary>
    /// For every position of the window: how many taps the phases before its own have, how many its own has, and which
    /// of them it is.
    /// </summary>
    private static void Number(in Correlation c, int* before, int* among, int* number)
    {
        int* taps = stackalloc int[c.Columns.Taps];
        int* places = stackalloc int[c.Columns.Taps];
        int passed = 0;
        for (int rowPhase = 0; rowPhase < c.Rows.Phases; rowPhase++)
        {
            int rows = c.Rows.TapsOf(rowPhase);
            for (int columnPhase = 0; columnPhase < c.Columns.Phases; columnPhase++)
            {
                int columns = WindowTaps.Columns(c, columnPhase, taps, places);
                int at = 0;
                for (int row = 0; row < c.Rows.Taps; row++)
                {
                    if (!c.Rows.Reads(rowPhase, row, out _))
                    {
                        continue;
                    }

                    for (int i = 0; i < columns; i++)
                    {
                        int tap = (row * c.Columns.Taps) + taps[i];
                        before[tap] = passed;
                        among[tap] = rows * columns;
                        number[tap] = at++;
                    }
                }

                passed += rows * columns;
            }
        }
    }

    /// <summary>
    /// Packs a run of weights that lie side by side, beginning with window position 0 of source channel
    /// <paramref name="channel"/>, for the sixteen lanes of a target block.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Lanes(in Correlation c, float* from, nint laneStride, int lanes, int channel, int count, int* before, int* among, int* number, float* packed, int stride)
    {
        float* tile = stackalloc float[Blocks.Width * Blocks.Width];
        int window = c.Rows.Taps * c.Columns.Taps;
        int tap = 0;
        for (int i = 0; i < count; i += Blocks.Width)
        {
            int columns = Math.Min(Blocks.Width, count - i);
            Transpose16.Lanes(from + i, laneStride, lanes, columns, tile, Blocks.Width);
            for (int column = 0; column < columns; column++)
            {
                int inBlock = c.Stem ? 0 : channel % Blocks.Width;
                int block = channel - inBlock;
                int length = c.Stem ? 1 : Math.Min(Blocks.Width, c.SourceChannels - block);
                long place = ((long)before[tap] * c.SourceChannels) + ((long)block * among[tap]) + (number[tap] * length) + inBlock;
                Vector512.Load(tile + (column * Blocks.Width)).Store(packed + (place * stride));
                if (++tap == window)
                {
                    tap = 0;
                    channel++;
                }
            }
        }
    }
}
