using System.Runtime.CompilerServices;

namespace Fovea.Core.Kernels;

/// <summary>
/// The register tile behind backward weights: sums[tap][filter] = Σ over rows and pixels of x[pixel][tap] · dy[pixel][filter].
/// </summary>
/// <remarks>
/// <code>
/// x     row i, pixel j, tap t at x + i·xRow + j·step + t; the stem's groups of taps at x, x + group1, x + group2
/// dy    [block b][row i][pixel j][16] at dy + b·dyBlock + i·dyRow + j·16
/// dw    [block b][tap m][16] at dw + b·dwBlock + m·16
/// </code>
/// </remarks>
internal static unsafe class WeightTile
{
    /// <summary>Blocks of sixteen filters in the widest tile.</summary>
    public static int MostBlocks => InstructionSet.Is512 ? 2 : 1;

    /// <summary>Channels of a blocked image that a tile takes: a divisor of sixteen.</summary>
    public static int Channels => InstructionSet.Is512 ? 8 : 4;

    /// <summary>Taps side by side that a stem's tile takes at most.</summary>
    public const int MostStemTaps = 4;

    /// <summary>Groups of so many taps that a stem's tile takes at most.</summary>
    public static int MostStemGroups(int taps) => Math.Min(3, (InstructionSet.Is512 ? 12 : 6) / taps);

    /// <summary>Sums <see cref="Channels"/> channels of a blocked image (pixels sixteen floats apart).</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Run(int blocks, int rows, int pixels, float* x, nint xRow, float* dy, nint dyRow, nint dyBlock, float* dw, nint dwBlock, bool accumulate)
    {
        if (InstructionSet.Is512)
        {
            WeightTile512.Run(blocks, rows, pixels, x, xRow, 0, 0, dy, dyRow, dyBlock, dw, dwBlock, accumulate);
        }
        else if (InstructionSet.Is256)
        {
            WeightTile256.Run(blocks, rows, pixels, x, xRow, 0, 0, dy, dyRow, dyBlock, dw, dwBlock, accumulate);
        }
        else
        {
            WeightTile128.Run(blocks, rows, pixels, x, xRow, 0, 0, dy, dyRow, dyBlock, dw, dwBlock, accumulate);
            WeightTile128.Run(blocks, rows, pixels, x, xRow, 0, 0, dy + 8, dyRow, dyBlock, dw + 8, dwBlock, accumulate);
        }
    }

    /// <summary>Sums groups of neighbouring positions of a plain image (pixels one float apart).</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void RunStem(int blocks, int groups, int taps, int rows, int pixels, float* x, nint xRow, nint group1, nint group2, float* dy, nint dyRow, nint dyBlock, float* dw, nint dwBlock, bool accumulate)
    {
        if (InstructionSet.Is512)
        {
            WeightTile512.RunStem(blocks, groups, taps, rows, pixels, x, xRow, group1, group2, dy, dyRow, dyBlock, dw, dwBlock, accumulate);
        }
        else if (InstructionSet.Is256)
        {
            WeightTile256.RunStem(blocks, groups, taps, rows, pixels, x, xRow, group1, group2, dy, dyRow, dyBlock, dw, dwBlock, accumulate);
        }
        else
        {
            WeightTile128.RunStem(blocks, groups, taps, rows, pixels, x, xRow, group1, group2, dy, dyRow, dyBlock, dw, dwBlock, accumulate);
            WeightTile128.RunStem(blocks, groups, taps, rows, pixels, x, xRow, group1, group2, dy + 8, dyRow, dyBlock, dw + 8, dwBlock, accumulate);
        }
    }
}
