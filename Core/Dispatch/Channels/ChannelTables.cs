using System.Collections.Immutable;
using Fovea.Core.Shapes;

namespace Fovea.Core.Dispatch;

/// <summary>Work channel by channel, in the order in which algorithms are tried; the last accepts every plain image.</summary>
public static class ChannelTables
{
    /// <summary>A factor for each channel of each image.</summary>
    public static ImmutableArray<Gating> Gates { get; } = [new ChannelGating(), new NaiveGating()];

    /// <summary>A leaky ReLU with learned slopes.</summary>
    public static ImmutableArray<Bending> Bendings { get; } = [new ChannelBending(), new NaiveBending()];

    /// <summary>The first gate that accepts a layout.</summary>
    public static Gating ChooseGate(Layout layout) => Gates.First(entry => entry.Accepts(layout));

    /// <summary>The first leaky ReLU that accepts a layout.</summary>
    public static Bending ChooseBending(Layout layout) => Bendings.First(entry => entry.Accepts(layout));
}
