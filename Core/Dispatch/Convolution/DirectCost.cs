using Fovea.Core.Kernels;
using Fovea.Core.Shapes;

namespace Fovea.Core.Dispatch;

/// <summary>What the direct algorithms accept and cost.</summary>
internal static class DirectCost
{
    /// <summary>Whether a window fits the kernels' tables and the groups are whole blocks.</summary>
    public static bool Accepts(in ConvShape s) =>
        s.R * s.S <= WindowTaps.MostTaps
        && (s.Groups == 1 || (s.GroupC % Blocks.Width == 0 && s.GroupK % Blocks.Width == 0));

    /// <summary>Cycles of one core.</summary>
    public static double Of(in Correlation c)
    {
        double window = (double)c.Rows.Taps * c.Columns.Taps;
        double lanes = (double)c.TargetBlocks * Blocks.Width;
        double targets = (double)c.Images * c.Groups * c.TargetPlane;
        double macs = targets * lanes * c.SourceChannels * window / (c.Backward ? c.Rows.Phases * c.Columns.Phases : 1);
        return macs / InstructionSet.MacsPerCycle;
    }

    /// <summary>Cycles of one core for backward weights.</summary>
    public static double Of(in WeightSum w, in ConvShape s)
    {
        double channels = w.Bands.Stem ? s.C : Correlation.Pieces(s.GroupC, WeightTile.Channels) * WeightTile.Channels;
        double filters = (double)w.Bands.TargetBlocks * Blocks.Width;
        return s.Groups * (double)s.N * s.P * s.Q * channels * filters * s.R * s.S / InstructionSet.MacsPerCycle;
    }
}
