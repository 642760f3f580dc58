using Fovea.Core.Kernels;
using Fovea.Core.Shapes;

namespace Fovea.Core.Dispatch;

/// <summary>
/// What Winograd's algorithms cost: a product a position, and transforms that are bound by the lines they write.
/// </summary>
internal static class WinogradCost
{
    // Floats of transformed weights that the second-level cache holds beside the rest, and that the third does with ease.
    private const double Near = 200_000;
    private const double Far = 4_000_000;

    /// <summary>The unit of products with so many transformed weights.</summary>
    public static Unit Tile(long packedFloats) =>
        packedFloats < Near ? Unit.WinogradTileNear : packedFloats < Far ? Unit.WinogradTileMiddle : Unit.WinogradTileFar;

    /// <summary>The unit of packing so many.</summary>
    public static Unit Pack(long packedFloats) => packedFloats < Far ? Unit.WinogradPackEarly : Unit.WinogradPackFar;

    /// <summary>Cycles of one core for the forward pass or the one for inputs.</summary>
    public static double Of(in WinogradProduct p)
    {
        WinogradTiles t = p.Tiles;
        double memory = UnitCosts.Of(Tile(p.PackedFloats));
        return (memory * Products(t, p.TilesPerChunk, p.GroupBlocks))
            + (t.Count * t.Positions / 36 * ((t.SourceBlocks * Source) + (t.TargetBlocks * Target)))
            + (p.PackedFloats / 4 * UnitCosts.Of(Pack(p.PackedFloats)));
    }

    /// <summary>Cycles of one core where weights are transformed late.</summary>
    public static double Of(in WinogradLate p)
    {
        WinogradTiles t = p.Tiles;
        double parts = Parts(t, p.TilesPerChunk);
        return (UnitCosts.Of(Unit.WinogradTileLate) * Products(t, p.TilesPerChunk, p.GroupBlocks))
            + (t.Count * t.Positions / 36 * ((t.SourceBlocks * Source) + (t.TargetBlocks * Target)))
            + (parts * t.SourceChannels * t.TargetBlocks * Weight)
            + (p.PackedFloats * UnitCosts.Of(Unit.WinogradPackLate));
    }

    /// <summary>Cycles of one core for backward weights.</summary>
    public static double Of(in WinogradSum s)
    {
        WinogradTiles t = s.Tiles;
        double tiles = Correlation.Pieces(t.SourceChannels, WeightTile.Channels) * (double)Correlation.Pieces(t.TargetBlocks, s.Cut.TileBlocks);
        double products = t.Positions * tiles * ((t.Count * TileCost.Weights(s.Cut.TileBlocks, WeightTile.Channels)) + (s.Cut.Items * TileCost.Call));
        double sources = (double)t.SourceBlocks * Correlation.Pieces(t.TargetBlocks, s.Cut.TargetsPerRange) * Source;
        double targets = (double)t.TargetBlocks * Correlation.Pieces(t.SourceBlocks, s.Cut.SourcesPerRange) * Gradient;
        return (UnitCosts.Of(Unit.WinogradTileSum) * products)
            + (t.Count * t.Positions / 36 * (sources + targets))
            + (s.Cut.Parts * (double)t.SourceChannels * t.TargetBlocks * Weight)
            + DirectCost.Adding(s.Cut.Sizes, s.Cut.Parts);
    }

    private static double Source => UnitCosts.Of(Unit.WinogradSource);

    private static double Target => UnitCosts.Of(Unit.WinogradTarget);

    private static double Gradient => UnitCosts.Of(Unit.WinogradGradient);

    private static double Weight => UnitCosts.Of(Unit.WinogradWeight);

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
