using Fovea.Core.Kernels;
using Fovea.Core.Shapes;

namespace Fovea.Core.Dispatch;

/// <summary>What Winograd's algorithms of stride 2 cost: see <see cref="WinogradCost"/>.</summary>
internal static class WinogradStridedCost
{
    // Positions of the tiles by which the transforms' unit costs count, and of these tiles.
    private const double Positions = 36;

    /// <summary>Cycles of one core for the forward pass or the one for inputs.</summary>
    public static double Of(in WinogradStridedProduct p)
    {
        WinogradStridedTiles t = p.Tiles;
        int blocks = p.GroupBlocks;
        double groups = (double)t.TargetBlocks / blocks;
        double products = Chunks(t, p.TilesPerChunk, pixels => (t.SourceChannels * TileCost.Row(blocks, pixels)) + (TileCost.Tiles(blocks, pixels) * TileCost.Call));
        double sources = (double)t.SourceBlocks * p.Slices * UnitCosts.Of(Unit.WinogradSource);
        double targets = t.TargetBlocks * UnitCosts.Of(Unit.WinogradTarget);
        return (UnitCosts.Of(WinogradCost.Tile(p.PackedFloats)) * groups * products)
            + (t.Count * t.Positions / Positions * (sources + targets))
            + (p.PackedFloats / 4 * UnitCosts.Of(WinogradCost.Pack(p.PackedFloats)));
    }

    /// <summary>Cycles of one core for backward weights.</summary>
    public static double Of(in WinogradStridedSum s)
    {
        WinogradStridedTiles t = s.Tiles;
        int tileBlocks = s.TileBlocks;
        double tiles = Correlation.Pieces(t.SourceChannels, WeightTile.Channels) * (double)Correlation.Pieces(t.TargetBlocks, tileBlocks);
        double products = tiles * Chunks(t, s.TilesPerBlock, pixels => (pixels * TileCost.Weights(tileBlocks, WeightTile.Channels)) + TileCost.Call);
        double sources = (double)t.SourceBlocks * Correlation.Pieces(t.TargetBlocks, s.TargetsPerRange) * UnitCosts.Of(Unit.WinogradSource);
        double targets = (double)t.TargetBlocks * Correlation.Pieces(t.SourceBlocks, s.SourcesPerRange) * UnitCosts.Of(Unit.WinogradGradient);
        return (UnitCosts.Of(Unit.WinogradTileSum) * products)
            + (t.Count * t.Positions / Positions * (sources + targets))
            + (s.Parts * (double)t.SourceChannels * t.TargetBlocks * UnitCosts.Of(Unit.WinogradWeight))
            + DirectCost.Adding(s.Sizes, s.Parts);
    }

    // The products of all groups of positions over all tiles, so many at once.
    private static double Chunks(in WinogradStridedTiles t, int tiles, Func<int, double> product)
    {
        int whole = t.Count / tiles;
        int rest = t.Count % tiles;
        return (whole * Chunk(t, tiles, product)) + (rest == 0 ? 0 : Chunk(t, rest, product));
    }

    // Points by points, points by middle inputs, middle inputs by points and by each other.
    private static double Chunk(in WinogradStridedTiles t, int tiles, Func<int, double> product)
    {
        double down = t.MiddleDown;
        double across = t.MiddleAcross;
        return ((down + 1) * (across + 1) * product(tiles))
            + ((down + 1) * product((int)(tiles * across)))
            + ((across + 1) * product((int)(tiles * down)))
            + product((int)(tiles * down * across));
    }
}
