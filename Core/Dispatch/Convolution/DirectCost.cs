using Fovea.Core.Kernels;
using Fovea.Core.Shapes;

namespace Fovea.Core.Dispatch;

/// <summary>What the direct algorithms accept and cost.</summary>
internal static class DirectCost
{
    /// <summary>Cycles of copying or transforming a vector of sixteen floats that the second-level cache holds.</summary>
    public static double Copy => UnitCosts.Of(Unit.Copy);

    /// <summary>Cycles of packing a weight.</summary>
    public static double Pack => UnitCosts.Of(Unit.Pack);

    // Images of one pixel lie a row of channels apart, on few sets of the caches: sums over them wait. Measured: 1.6 to 2.
    private const double Apart = 1.7;

    // How much longer register tiles take in place than on their own.
    private static double Memory => UnitCosts.Of(Unit.DirectTile);

    /// <summary>Whether a window fits the kernels' tables and the groups are whole blocks.</summary>
    public static bool Accepts(in ConvShape s) =>
        s.R * s.S <= WindowTaps.MostTaps
        && (s.Groups == 1 || (s.GroupC % Blocks.Width == 0 && s.GroupK % Blocks.Width == 0));

    /// <summary>Cycles of one core for the forward pass or the one for inputs, weights packed.</summary>
    public static double Of(in Correlation c)
    {
        double image = 0;
        for (int block = 0; block < c.TargetBlocks; block += c.GroupAt(block))
        {
            int blocks = c.GroupAt(block);
            for (int rowPhase = 0; rowPhase < c.Rows.Phases; rowPhase++)
            {
                double rows = c.Flat ? (double)c.TargetPlane / c.RowPixels : c.Rows.Count(rowPhase);
                for (int columnPhase = 0; columnPhase < c.Columns.Phases; columnPhase++)
                {
                    int pixels = c.Flat ? c.RowPixels : c.Columns.Count(columnPhase);
                    if (pixels > 0)
                    {
                        double channels = (double)c.SourceChannels * c.Rows.TapsOf(rowPhase) * c.Columns.TapsOf(columnPhase);
                        image += rows * ((channels * TileCost.Row(blocks, pixels)) + (TileCost.Tiles(blocks, pixels) * TileCost.Call));
                    }
                }
            }
        }

        int bands = Correlation.Pieces(c.RowCount, c.RowsPerBand) * Correlation.Pieces(c.TargetBlocks, c.BlocksPerRange);
        double copies = c.InPlace ? 0 : (double)bands * c.BandFloats * Correlation.Pieces(c.SourceBlocks, c.BlocksPerPass) / Blocks.Width;
        return ((double)c.Images * c.Groups * ((Memory * image) + (Copy * copies))) + (Pack * c.PackedFloats);
    }

    /// <summary>Cycles of one core where plain pixels are the vectors, conversions from blocks and to them included.</summary>
    public static double OfPlain(in Correlation c)
    {
        double image = 0;
        for (int rowPhase = 0; rowPhase < c.Rows.Phases; rowPhase++)
        {
            for (int columnPhase = 0; columnPhase < c.Columns.Phases; columnPhase++)
            {
                int pixels = c.Columns.Count(columnPhase);
                int blocks = PlainStem.TileBlocks(c.TargetChannels, pixels, pixels);
                double tiles = (double)c.Rows.Count(rowPhase) * Correlation.Pieces(pixels, blocks * Blocks.Width);
                double channels = (double)c.SourceChannels * c.Rows.TapsOf(rowPhase) * c.Columns.TapsOf(columnPhase);
                image += tiles * ((channels * TileCost.Row(blocks, c.TargetChannels)) + TileCost.Call);
            }
        }

        double copies = (Correlation.Pieces(c.RowCount, c.RowsPerBand) * c.BandFloats) + (c.SourceChannels * c.SourcePlane) + (c.TargetChannels * c.TargetPlane);
        return (c.Images * ((Memory * image) + (Copy * copies / Blocks.Width))) + (Pack * c.PackedFloats);
    }

    /// <summary>Cycles of one core for backward weights.</summary>
    public static double Of(in WeightSum w)
    {
        Correlation c = w.Bands;
        double tiles = 0;
        if (c.Stem)
        {
            tiles = (double)c.SourceChannels * w.Window * TileCost.Weights(w.TileBlocks, 8) / 8 * 1.25;
        }
        else
        {
            tiles = (double)w.Window * Correlation.Pieces(c.SourceChannels, WeightTile.Channels) * TileCost.Weights(w.TileBlocks, WeightTile.Channels);
        }

        double pixels = (double)c.Images * c.TargetPlane * (c.SourcePlane == 1 ? Apart : 1);
        double calls = tiles / TileCost.Weights(w.TileBlocks, WeightTile.Channels) * w.Items * TileCost.Call;
        double ranges = Correlation.Pieces(c.TargetBlocks, w.TargetsPerRange);
        double copies = c.InPlace ? 0 : ranges * w.Items * c.ImagesPerChunk * c.BandFloats * Correlation.Pieces(c.SourceBlocks, w.SourcesPerRange) / Blocks.Width;
        return (c.Groups * ((Correlation.Pieces(c.TargetBlocks, w.TileBlocks) * ((Memory * tiles * pixels) + calls)) + (Copy * copies))) + Adding(c, w.Parts);
    }

    /// <summary>Cycles of adding the parts of backward weights and writing the weights.</summary>
    public static double Adding(in Correlation c, int parts) => WeightParts.TotalFloats(c) * ((0.25 * parts) + 0.75);
}
