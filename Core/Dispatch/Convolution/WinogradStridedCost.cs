using Fovea.Core.Kernels;
using Fovea.Core.Shapes;

namespace Fovea.Core.Dispatch;

/// <summary>What Winograd's algorithms of stride 2 cost: see <see cref="WinogradCost"/>.</summary>
internal static class WinogradStridedCost
{
    // Positions of the tiles by which the transforms' unit costs count, and by how much more a position costs here, where more
    // of them lie further apart; for the input's gradients, where as many vectors are written as read, still more.
    private const double Positions = 36;
    private const double Stretch = 1.5;
    private const double BackwardStretch = 2.25;

    // Floats of transformed weights up to which the caches hand them on in time, and cycles for reading one that they do not.
    private const long Held = 1 << 20;
    private const double Read = 0.3;

    /// <summary>Cycles of one core for the forward pass or the one for inputs.</summary>
    public static double Of(in WinogradStridedProduct p)
    {
        WinogradStridedTiles t = p.Tiles;
        int blocks = p.GroupBlocks;
        double groups = (double)t.TargetBlocks / blocks;
        double products = Chunks(t, p.TilesPerChunk, pixels => (t.SourceChannels * TileCost.Row(blocks, pixels)) + (TileCost.Tiles(blocks, pixels) * TileCost.Call));
        double sources = t.SourceBlocks * UnitCosts.Of(Unit.WinogradSource);
        double targets = t.TargetBlocks * UnitCosts.Of(Unit.WinogradTarget);
        double rest = (t.IsBackward ? BackwardStretch : Stretch) * t.Count * t.Positions / Positions * (sources + targets);
        double parts = Correlation.Pieces(t.Count, p.TilesPerChunk);
        if (p.IsLate)
        {
            return (UnitCosts.Of(Unit.WinogradTileLate) * groups * products) + rest
                + (parts * t.SourceChannels * t.TargetBlocks * UnitCosts.Of(Unit.WinogradWeight))
                + (p.PackedFloats * UnitCosts.Of(Unit.WinogradPackLate));
        }

        return (UnitCosts.Of(WinogradCost.Tile(p.PackedFloats)) * groups * products) + rest
            + (p.PackedFloats > Held ? Read * parts * p.PackedFloats : 0)
            + (p.PackedFloats / 4 * UnitCosts.Of(WinogradCost.Pack(p.PackedFloats)));
    }

    /// <summary>Cycles of one core for backward weights.</summary>
    public static double Of(in WinogradStridedSum s)
    {
        WinogradStridedTiles t = s.Tiles;
        int tileBlocks = s.Cut.TileBlocks;
        double tiles = Correlation.Pieces(t.SourceChannels, WeightTile.Channels) * (double)Correlation.Pieces(t.TargetBlocks, tileBlocks);
        double products = tiles * Chunks(t, s.Cut.TilesPerBlock, pixels => (pixels * TileCost.Weights(tileBlocks, WeightTile.Channels)) + TileCost.Call);
        double sources = (double)t.SourceBlocks * Correlation.Pieces(t.TargetBlocks, s.Cut.TargetsPerRange) * UnitCosts.Of(Unit.WinogradSource);
        double targets = (double)t.TargetBlocks * Correlation.Pieces(t.SourceBlocks, s.Cut.SourcesPerRange) * UnitCosts.Of(Unit.WinogradGradient);
        return (UnitCosts.Of(Unit.WinogradTileSum) * products)
            + (Stretch * t.Count * t.Positions / Positions * (sources + targets))
            + (s.Cut.Parts * (double)t.SourceChannels * t.TargetBlocks * UnitCosts.Of(Unit.WinogradWeight))
            + DirectCost.Adding(s.Cut.Sizes, s.Cut.Parts);
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
