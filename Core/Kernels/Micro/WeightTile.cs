using System.Runtime.CompilerServices;

namespace Fovea.Core.Kernels;

/// <summary>
/// The register tile behind backward weights: sums[tap][filter] = Σ over images, rows and pixels of
/// x[pixel][tap] · dy[pixel][filter].
/// </summary>
/// <remarks>
/// <code>
/// x     image n, row i, pixel j, tap t at x + n·XImage + i·XRow + j·step + t; groups of a stem's taps lie Group1, Group2 on
/// dy    [block b][image n][row i][pixel j][16] at dy + b·DyBlock + n·DyImage + i·DyRow + j·16
/// dw    [block b][tap m][16] at dw + b·DwBlock + m·16
/// </code>
/// </remarks>
internal static unsafe class WeightTile
{
    /// <summary>Taps side by side that a stem's tile takes at most.</summary>
    public const int MostStemTaps = 4;

    /// <summary>Blocks of sixteen filters in the widest tile.</summary>
    public static int MostBlocks => InstructionSet.Is512 ? 2 : 1;

    /// <summary>Channels of a blocked image that a tile takes: a divisor of sixteen.</summary>
    public static int Channels => InstructionSet.Is512 ? 8 : 4;

    /// <summary>Groups of so many taps that a stem's tile takes at most.</summary>
    public static int MostStemGroups(int taps) => Math.Min(3, (InstructionSet.Is512 ? 12 : 6) / taps);

    /// <summary>Sums <see cref="Channels"/> channels of a blocked image (pixels sixteen floats apart).</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Run(int blocks, WeightSpan* span, float* x, float* dy, float* dw, bool accumulate)
    {
        if (InstructionSet.Is512)
        {
            WeightTile512.Run(blocks, span, x, dy, dw, accumulate);
        }
        else if (InstructionSet.Is256)
        {
            WeightTile256.Run(blocks, span, x, dy, dw, accumulate);
        }
        else
        {
            WeightTile128.Run(blocks, span, x, dy, dw, accumulate);
            WeightTile128.Run(blocks, span, x, dy + 8, dw + 8, accumulate);
        }
    }

    /// <summary>Sums groups of neighbouring positions of a plain image (pixels one float apart).</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void RunStem(int blocks, int groups, int taps, WeightSpan* span, float* x, float* dy, float* dw, bool accumulate)
    {
        if (InstructionSet.Is512)
        {
            WeightTile512.RunStem(blocks, groups, taps, span, x, dy, dw, accumulate);
        }
        else if (InstructionSet.Is256)
        {
            WeightTile256.RunStem(blocks, groups, taps, span, x, dy, dw, accumulate);
        }
        else
        {
            WeightTile128.RunStem(blocks, groups, taps, span, x, dy, dw, accumulate);
            WeightTile128.RunStem(blocks, groups, taps, span, x, dy + 8, dw + 8, accumulate);
        }
    }
}
