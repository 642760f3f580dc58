using Fovea.Core.Kernels;
using Fovea.Core.Shapes;

namespace Fovea.Core.Dispatch;

/// <summary>What the algorithms by Fourier transforms accept and cost: transforms, and products that are bound by the weights they read.</summary>
internal static class FourierCost
{
    // Floats of transformed weights, 256 MB, beyond which nobody is given them who has not asked for them by name.
    private const long MostPacked = 64L << 20;

    /// <summary>Whether a convolution is one that this does, its spectra within reach of the kernels' offsets.</summary>
    public static bool Accepts(in ConvShape s) =>
        FourierSizes.Fits(s) && 3L * 8 * 16 * (Blocks.Of(Math.Max(s.C, s.K)) + 1) * new FourierSizes(s).Plane.Frequencies < int.MaxValue;

    /// <summary>Cycles of one core for the forward pass or the one for inputs.</summary>
    public static double Of(in ConvShape s, in FourierProduct p)
    {
        double images = Math.Min(p.ImagesPerChunk, Math.Max(1, s.N)), parts = Correlation.Pieces(s.N, p.ImagesPerChunk);
        double transforms = s.N * (((double)p.SourceBlocks * p.Ranges * Image(p.Plane, s.H, 3)) + (p.TargetBlocks * Image(p.Plane, s.P, 2)));
        double packing = (double)p.SourceChannels * p.TargetBlocks * (Image(p.Plane, Math.Min(s.Vertical.Extent, p.Plane.Rows), 0) + (UnitCosts.Of(Unit.FourierPack) * p.Plane.Frequencies));
        return p.PackedFloats > MostPacked
            ? double.PositiveInfinity
            : transforms + packing + (parts * p.Plane.Frequencies * Products(p.SourceChannels, p.TargetBlocks, p.GroupBlocks, (int)images));
    }

    /// <summary>Cycles of one core for backward weights.</summary>
    public static double Of(in ConvShape s, in FourierSum f)
    {
        double groups = Correlation.Pieces(f.TargetBlocks, f.GroupBlocks);
        double sources = s.N * f.SourceBlocks * groups * Image(f.Plane, s.H, 3);
        double gradients = (double)s.N * f.SourceBlocks * f.TargetBlocks * Image(f.Plane, s.P, 2);
        double windows = (double)s.C * f.TargetBlocks * Image(f.Plane, s.R, 2);
        return sources + gradients + windows + ((double)f.Plane.Frequencies * f.SourceBlocks * Products(s.N, f.TargetBlocks, f.GroupBlocks, 16));
    }

    private static double Products(int channels, int targetBlocks, int groupBlocks, int pixels)
    {
        double groups = (double)targetBlocks / groupBlocks;
        double sums = 2 * groups * ((2 * channels * TileCost.Row(groupBlocks, pixels)) + (TileCost.Tiles(groupBlocks, pixels) * TileCost.Call));
        return (UnitCosts.Of(Unit.FourierTile) * sums) + (UnitCosts.Of(Unit.FourierRead) * 2 * channels * targetBlocks);
    }

    // A transform of a block of an image with so many rows of its own, and as many parts of each frequency written or read.
    private static double Image(in FourierPlane plane, int rows, int parts)
    {
        double lines = (Correlation.Pieces(rows, 2) * (double)plane.Columns * (Stages(plane.Columns) + 1)) + (plane.Frequencies * (Stages(plane.Rows) + 1.0));
        return (UnitCosts.Of(Unit.FourierStage) * lines) + (UnitCosts.Of(Unit.FourierSpectrum) * parts * plane.Frequencies);
    }

    private static int Stages(int length)
    {
        int stages = 0;
        for (; length > 1; stages++)
        {
            length /= FourierRoots.Radix(length);
        }

        return stages;
    }
}
