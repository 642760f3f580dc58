using Fovea.Core.Shapes;

namespace Fovea.Core.Dispatch;

/// <summary>What the dense layer's entries of the convolution tables have in common: images of one pixel are rows of a matrix.</summary>
internal static class DenseSizes
{
    // Measured on one core with AVX-512: packing a weight costs about as much as a dozen products.
    private const double CyclesPerMac = 0.045;
    private const double CyclesPerPackedWeight = 0.6;

    public static bool Accepts(in ConvShape s) =>
        s is { H: 1, W: 1, P: 1, Q: 1, Groups: 1 } && s.IsPointwise;

    public static double Cost(in ConvShape s) => (s.Macs * CyclesPerMac) + (s.WeightCount * CyclesPerPackedWeight);

    // The weights' gradient packs the input instead, and writes each weight once.
    public static double CostOfWeights(in ConvShape s) => (s.Macs * CyclesPerMac) + ((double)s.N * s.C * CyclesPerPackedWeight);
}
