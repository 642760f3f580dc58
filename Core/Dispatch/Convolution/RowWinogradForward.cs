using Fovea.Core.Kernels;
using Fovea.Core.Shapes;

namespace Fovea.Core.Dispatch;

/// <summary>
/// Winograd's method along rows, F(4, 2) to F(4, 4), for a few plain channels: windows of up to four taps for each column of their stride. A
/// 7×7 window of stride 2 takes 1 / 2.15 of the multiplications. A NaN or ∞ spreads over its tile of four outputs.
/// </summary>
public sealed unsafe class RowWinogradForward : ConvolutionForward
{
    // Vectors that could be copied in the time that a line takes beside its own.
    private const int LineVectors = 20;

    // Where a single row of outputs reads more than this, no cache has it when it is multiplied.
    private const long MostBandFloats = 1 << 20;

    /// <inheritdoc/>
    public override string Name => "winograd rows";

    /// <inheritdoc/>
    public override bool IsExact => false;

    /// <inheritdoc/>
    public override bool WritesAnyLayout => true;

    /// <inheritdoc/>
    public override bool Accepts(in ConvShape s)
    {
        Window columns = s.Horizontal;
        int taps = Correlation.Pieces(columns.Kernel, columns.Stride);
        return s.Groups == 1 && s.C < Blocks.Width && columns.Dilation == 1 && taps is > 1 and <= RowBasis.MostTaps && DirectCost.Accepts(s)
            && new RowTiles(s).BandFloats <= MostBandFloats;
    }

    /// <inheritdoc/>
    public override double Cost(in ConvShape s)
    {
        RowTiles tiles = new(s);
        double panels = (double)tiles.Bands * Correlation.Pieces(tiles.RowsPerBand * tiles.Tiles, tiles.PanelTiles);
        int blocks = tiles.PanelTiles / Blocks.Width;
        double products = panels * ((tiles.Reduction * TileCost.Row(blocks, s.K)) + (tiles.Positions * TileCost.Tiles(blocks, s.K) * TileCost.Call));
        double lines = (double)tiles.Bands * tiles.StreamRows * s.Vertical.Stride * s.C;
        int samples = Correlation.Pieces(tiles.Samples, Blocks.Width) * Blocks.Width;
        double source = lines * (LineVectors + (Correlation.Pieces(tiles.Tiles, Blocks.Width) * (samples + (2 * tiles.Slots))));
        double target = panels * s.K * blocks * 2 * (RowBasis.Side + tiles.Positions);
        return (s.N * ((UnitCosts.Of(Unit.DirectTile) * products) + (DirectCost.Copy * (source + target)))) + (DirectCost.Pack * PackedFloats(s));
    }

    /// <inheritdoc/>
    public override Layout InputLayout(in ConvShape s) => Layout.Plain;

    /// <inheritdoc/>
    public override Layout OutputLayout(in ConvShape s) => Layout.Blocked;

    /// <inheritdoc/>
    public override long PackedFloats(in ConvShape s) => (long)Blocks.Of(s.K) * Blocks.Width * new RowTiles(s).Reduction;

    /// <inheritdoc/>
    public override long ScratchFloats(in ConvShape s) => RowProduct.ScratchFloats(new RowTiles(s));

    /// <inheritdoc/>
    public override void Pack(in ConvShape s, float* weights, float* packed, Workers workers)
    {
        var job = new RowWinogradJob { Tiles = new RowTiles(s), Source = weights, Packed = packed, Packing = true };
        workers.Run(ref job, Blocks.Of(s.K));
    }

    /// <inheritdoc/>
    public override void Run(in ConvShape s, float* x, Layout inputLayout, float* packed, Epilogue epilogue, float* y, float* scratch, Workers workers) =>
        Run(s, x, inputLayout, packed, epilogue, y, Layout.Blocked, scratch, workers);

    /// <inheritdoc/>
    public override void Run(in ConvShape s, float* x, Layout inputLayout, float* packed, Epilogue epilogue, float* y, Layout outputLayout, float* scratch, Workers workers)
    {
        RowTiles tiles = new(s);
        var job = new RowWinogradJob
        {
            Tiles = tiles,
            Source = x,
            Packed = packed,
            Bias = epilogue.Bias,
            Relu = epilogue.Relu,
            Target = y,
            Plain = outputLayout == Layout.Plain,
            Far = FarStores.Suit(y, (long)s.N * s.K * s.P * s.Q, FarStores.LeastBytesOfRuns),
            Scratch = scratch,
            ScratchFloats = RowProduct.ScratchFloats(tiles),
        };
        workers.Run(ref job, s.N * tiles.Bands);
    }
}
