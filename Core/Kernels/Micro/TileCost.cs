using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace Fovea.Core.Kernels;

/// <summary>
/// Cycles that register tiles take, from what bounds them: two multiply-adds a cycle, two loads a cycle, and four cycles
/// between two additions to the same sum.
/// </summary>
internal static class TileCost
{
    private const double Latency = 4;

    /// <summary>Cycles that a call of a tile takes beside its loop, its sums loaded and stored.</summary>
    public const double Call = 60;

    // Vectors in a block of sixteen, and the cycles a multiply-add takes a port: two where it is two instructions.
    private static int Vectors => InstructionSet.Is512 ? 1 : InstructionSet.Is256 ? 2 : 4;

    private static double Port => Fma.IsSupported || AdvSimd.IsSupported ? 0.5 : 1;

    /// <summary>Cycles of one channel for a row of pixels, cut as <see cref="PixelTile.Row"/> cuts it.</summary>
    public static double Row(int blocks, int pixels)
    {
        int most = PixelTile.MostPixels(blocks);
        int tiles = (pixels + most - 1) / most;
        int larger = pixels % tiles;
        return (larger * Pixels(blocks, (pixels / tiles) + 1)) + ((tiles - larger) * Pixels(blocks, pixels / tiles));
    }

    /// <summary>Tiles that a row of pixels is cut into.</summary>
    public static int Tiles(int blocks, int pixels) => (pixels + PixelTile.MostPixels(blocks) - 1) / PixelTile.MostPixels(blocks);

    /// <summary>Cycles of one pixel for a weight tile of so many taps.</summary>
    public static double Weights(int blocks, int taps) => Tile(taps, blocks);

    private static double Pixels(int blocks, int pixels) => pixels == 0 ? 0 : Tile(pixels, blocks);

    private static double Tile(int values, int blocks)
    {
        int vectors = blocks * Vectors;
        int calls = InstructionSet.Is512 || InstructionSet.Is256 ? 1 : 2;
        double multiply = values * vectors * Port;
        double load = ((values * calls) + vectors) / 2.0;
        return Math.Max(Math.Max(multiply, load), Latency * calls);
    }
}
