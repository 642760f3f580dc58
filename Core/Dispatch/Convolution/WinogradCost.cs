using Fovea.Core.Kernels;
using Fovea.Core.Shapes;

namespace Fovea.Core.Dispatch;

/// <summary>
/// What Winograd's algorithms cost: a product a position, and transforms that are bound by the lines they write. The constants were
/// measured on a Sapphire Rapids core.
/// </summary>
internal static class WinogradCost
{
    // Cycles of a block's 36 vectors: transformed from a source, into a target, from a gradient; of a weight's, early and late.
    private const double Source = 250;
    private const double Target = 180;
    private const double Gradient = 200;
    private const double Weight = 120;

    // Cycles of a packed weight's share of 36 transforms, written to memory; and of a weight only arranged.
    private const double PackEarly = 6;
    private const double PackFar = 14;
    private const double PackLate = 0.9;

    // Floats of transformed weights that the second-level cache holds beside the rest, and that the third does with ease.
    private const double Near = 200_000;
    private const double Far = 4_000_000;

    /// <summary>Cycles of one core for the forward pass or the one for inputs.</summary>
    public static double Of(in WinogradProduct p)
    {
        WinogradTiles t = p.Tiles;
        double parts = Parts(t, p.TilesPerChunk);
        double slices = p.Chunks / Math.Max(1, parts);
        double memory = p.PackedFloats < Near ? 1.1 : p.PackedFloats < Far ? 1.2 : 1.35;
        return (memory * Products(t, p.TilesPerChunk, p.GroupBlocks))
            + (t.Count * t.Positions / 36 * Scale * ((t.SourceBlocks * Source * slices) + (t.TargetBlocks * Target)))
            + (p.PackedFloats / 4 * (p.PackedFloats < Far ? PackEarly : PackFar) * Scale);
    }

    /// <summary>Cycles of one core where weights are transformed late.</summary>
    public static double Of(in WinogradLate p)
    {
        WinogradTiles t = p.Tiles;
        double parts = Parts(t, p.TilesPerChunk);
        double slices = p.Chunks / Math.Max(1, parts);
        return (1.2 * Products(t, p.TilesPerChunk, p.GroupBlocks))
            + (t.Count * t.Positions / 36 * Scale * ((t.SourceBlocks * Source * slices) + (t.TargetBlocks * Target)))
            + (parts * t.SourceChannels * t.TargetBlocks * Weight * Scale)
            + (p.PackedFloats * PackLate);
    }

    /// <summary>Cycles of one core for backward weights.</summary>
    public static double Of(in WinogradSum s)
    {
        WinogradTiles t = s.Tiles;
        double tiles = Correlation.Pieces(t.SourceChannels, WeightTile.Channels) * (double)Correlation.Pieces(t.TargetBlocks, s.TileBlocks);
        double products = t.Positions * tiles * ((t.Count * TileCost.Weights(s.TileBlocks, WeightTile.Channels)) + (s.Items * TileCost.Call));
        double sources = (double)t.SourceBlocks * Correlation.Pieces(t.TargetBlocks, s.TargetsPerRange) * Source;
        double targets = (double)t.TargetBlocks * Correlation.Pieces(t.SourceBlocks, s.SourcesPerRange) * Gradient;
        return (1.15 * products)
            + (t.Count * t.Positions / 36 * Scale * (sources + targets))
            + (s.Parts * (double)t.SourceChannels * t.TargetBlocks * Weight * Scale)
            + DirectCost.Adding(s.Sizes, s.Parts);
    }

    // Narrower registers take more instructions for the same lines.
    private static double Scale => InstructionSet.Is512 ? 1 : InstructionSet.Is256 ? 1.3 : 2;

    private static double Parts(in WinogradTiles t, int tiles) => Correlation.Pieces(t.Count, tiles);

    private static double Products(in WinogradTiles t, int tiles, int groupBlocks)
    {
        double groups = (double)t.TargetBlocks / groupBlocks;
        double whole = t.Count / tiles;
        double cycles = whole * Group(t, tiles, groupBlocks);
        return t.Positions * groups * (cycles + (t.Count % tiles == 0 ? 0 : Group(t, t.Count % tiles, groupBlocks)));
    }

    private static double Group(in WinogradTiles t, int tiles, int groupBlocks) =>
        (t.SourceChannels * TileCost.Row(groupBlocks, tiles)) + (TileCost.Tiles(groupBlocks, tiles) * TileCost.Call);
}
