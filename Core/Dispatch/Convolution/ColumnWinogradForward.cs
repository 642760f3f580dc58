using Fovea.Core.Kernels;
using Fovea.Core.Shapes;

namespace Fovea.Core.Dispatch;

/// <summary>
/// Winograd's method along columns, F(4, 3), for a few plain channels and windows of three rows that step by one: half of the multiplications.
/// A NaN or ∞ spreads over its tile of four outputs.
/// </summary>
public sealed unsafe class ColumnWinogradForward : ConvolutionForward
{
    // Where a row of tiles reads more than this, no cache has it when it is multiplied.
    private const long MostBandFloats = 1 << 20;

    // Bytes from which plain targets go past the caches, whose lines would be fetched first: four rows of a filter's leave one after the other.
    private const long LeastFarBytes = 8 << 20;

    /// <inheritdoc/>
    public override string Name => "winograd columns";

    /// <inheritdoc/>
    public override bool IsExact => false;

    /// <inheritdoc/>
    public override bool WritesAnyLayout => true;

    /// <inheritdoc/>
    public override bool Accepts(in ConvShape s)
    {
        Window rows = s.Vertical;
        // Of one channel, or of fewer filters than a register tile has, nothing is gained that would be worth the rounding.
        return s.Groups == 1 && s.C is > 1 and < Blocks.Width && s.K >= ColumnTile.Scalars && s.Q >= Lanes128.Count && rows is { Kernel: 3, Stride: 1, Dilation: 1 }
            && DirectCost.Accepts(s) && new ColumnTiles(s).BandFloats <= MostBandFloats;
    }

    /// <inheritdoc/>
    public override double Cost(in ConvShape s)
    {
        ColumnTiles tiles = new(s);
        int blocks = Math.Min(ColumnTile.Vectors, PixelTile.MostBlocks);

        // Rows that are shorter than a vector are taken in narrower ones.
        int narrow = s.Q >= Blocks.Width ? 1 : s.Q >= Lanes256.Count ? 2 : 4;
        double products = (double)narrow * Correlation.Pieces(tiles.Tiles * Correlation.Pieces(s.Q, Blocks.Width), blocks) * Correlation.Pieces(s.K, ColumnTile.Scalars)
            * ((ColumnTiles.Positions / 2 * tiles.Taps * TileCost.Row(blocks, 2 * ColumnTile.Scalars)) + TileCost.Call);
        double copies = ((double)tiles.Bands * tiles.Rows.BandFloats) + (tiles.Tiles * (double)tiles.TileFloats);
        return (s.N * ((UnitCosts.Of(Unit.DirectTile) * products) + (DirectCost.Copy * copies / Blocks.Width))) + (DirectCost.Pack * PackedFloats(s));
    }

    /// <inheritdoc/>
    public override Layout InputLayout(in ConvShape s) => Layout.Plain;

    /// <inheritdoc/>
    public override Layout OutputLayout(in ConvShape s) => Layout.Blocked;

    /// <inheritdoc/>
    public override long PackedFloats(in ConvShape s) => ColumnProduct.PackedFloats(new ColumnTiles(s));

    /// <inheritdoc/>
    public override long ScratchFloats(in ConvShape s) => ColumnProduct.ScratchFloats(new ColumnTiles(s));

    /// <inheritdoc/>
    public override void Pack(in ConvShape s, float* weights, float* packed, Workers workers)
    {
        var job = new ColumnWinogradJob { Tiles = new ColumnTiles(s), Source = weights, Packed = packed, Packing = true };
        workers.Run(ref job, Blocks.Of(s.K));
    }

    /// <inheritdoc/>
    public override void Run(in ConvShape s, float* x, Layout inputLayout, float* packed, Epilogue epilogue, float* y, float* scratch, Workers workers) =>
        Run(s, x, inputLayout, packed, epilogue, y, Layout.Blocked, scratch, workers);

    /// <inheritdoc/>
    public override void Run(in ConvShape s, float* x, Layout inputLayout, float* packed, Epilogue epilogue, float* y, Layout outputLayout, float* scratch, Workers workers)
    {
        ColumnTiles tiles = new(s);
        bool plain = outputLayout == Layout.Plain;
        var job = new ColumnWinogradJob
        {
            Tiles = tiles,
            Source = x,
            Packed = packed,
            Bias = epilogue.Bias,
            Relu = epilogue.Relu,
            Target = y,
            Plain = plain,
            Far = (!plain || s.Q % Blocks.Width == 0) && FarStores.Suit(y, (long)s.N * s.K * s.P * s.Q, plain ? LeastFarBytes : FarStores.LeastBytesOfRuns),
            Scratch = scratch,
            ScratchFloats = ColumnProduct.ScratchFloats(tiles),
        };
        workers.Run(ref job, s.N * tiles.Bands);
    }
}
