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
internal static unsafe class WeightPacking
{
    /// <summary>Packs the weights of one target block of one group.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Run(in Correlation c, float* weights, int group, int block, float* packed)
    {
        int window = c.Rows.Taps * c.Columns.Taps;
        int* before = stackalloc int[window];
        int* among = stackalloc int[window];
        int* number = stackalloc int[window];
        Number(c, before, among, number);

        // The group of filters that the block lies in, and its lanes there.
        int start = block / c.GroupBlocks * c.GroupBlocks;
        while (start + c.GroupAt(start) <= block)
        {
            start += c.GroupAt(start);
        }

        int stride = c.GroupAt(start) * Blocks.Width;
        long reduction = (long)c.SourceChannels * window;
        packed += (((long)group * c.TargetBlocks) + start) * Blocks.Width * reduction;
        packed += (block - start) * Blocks.Width;

        int lanes = Math.Min(Blocks.Width, c.TargetChannels - (block * Blocks.Width));
        if (c.Backward)
        {
            // Lanes are input channels; filters are summed over.
            long filter = (long)c.TargetChannels * window;
            float* from = weights + ((long)group * c.SourceChannels * filter) + ((long)block * Blocks.Width * window);
            for (int k = 0; k < c.SourceChannels; k++)
            {
                if (window == 1 && lanes == Blocks.Width)
                {
                    Vector512.Load(from + (k * filter)).Store(packed + ((long)k * stride));
                    continue;
                }

                Lanes(c, from + (k * filter), window, lanes, k, window, before, among, number, packed, stride);
            }
        }
        else
        {
            // Lanes are filters; a filter's weights lie side by side.
            float* from = weights + (((long)group * c.TargetChannels) + ((long)block * Blocks.Width)) * reduction;
            Lanes(c, from, (nint)reduction, lanes, 0, (int)reduction, before, among, number, packed, stride);
        }
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
