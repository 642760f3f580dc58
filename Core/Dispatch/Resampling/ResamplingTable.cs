using System.Collections.Immutable;
using Fovea.Core.Shapes;

namespace Fovea.Core.Dispatch;

/// <summary>The algorithms for padding and enlarging in the order in which they are tried; the last accepts every plain image.</summary>
public static class ResamplingTable
{
    /// <summary>The algorithms.</summary>
    public static ImmutableArray<Resampling> All { get; } = [new SeparableResampling(), new NaiveResamplingAlgorithm()];

    /// <summary>The first that accepts these sizes in a layout.</summary>
    public static Resampling Choose(ResampleShape s, Layout layout) =>
        All.First(entry => entry.Accepts(s, layout));
}
