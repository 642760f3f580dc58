using Fovea.Core.Kernels;
using Fovea.Core.Shapes;

namespace Fovea.Core.Dispatch;

/// <summary>What Winograd's algorithms cost.</summary>
internal static class WinogradCost
{
    /// <summary>Cycles of one core for the forward pass or the one for inputs.</summary>
    public static double Of(in WinogradProduct p) =>
        36.0 * p.Tiles.Count * p.Tiles.SourceChannels * p.Tiles.TargetBlocks * Blocks.Width / InstructionSet.MacsPerCycle;

    /// <summary>Cycles of one core for backward weights.</summary>
    public static double Of(in WinogradSum s) =>
        36.0 * s.Tiles.Count * s.Tiles.SourceBlocks * Blocks.Width * s.Tiles.TargetBlocks * Blocks.Width / InstructionSet.MacsPerCycle;
}
