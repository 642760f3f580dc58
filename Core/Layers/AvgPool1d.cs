using Fovea.Core.Shapes;

namespace Fovea.Core.Layers;

/// <summary>The mean of each window of a signal: C×L to C×L′, as <see cref="AvgPool2d"/> over images of height 1.</summary>
/// <param name="Kernel">S.</param>
public sealed record AvgPool1d(int Kernel) : SignalLayer
{
    /// <summary>The step between windows; as large as the window unless it is said.</summary>
    public int Stride { get; init; } = Kernel;

    /// <summary>The padding before and after.</summary>
    public Padding Padding { get; init; } = Padding.Valid;

    /// <summary>Whether a last, partial window counts.</summary>
    public bool Ceil { get; init; }

    /// <summary>Whether padding counts as zeros in the mean, as it does in PyTorch unless one says otherwise.</summary>
    public bool CountPadding { get; init; } = true;

    /// <inheritdoc/>
    public override Layer Image =>
        new AvgPool2d((1, Kernel)) { Stride = (1, Stride), Horizontal = Padding, Ceil = Ceil, CountPadding = CountPadding };

    /// <inheritdoc/>
    protected override string Describe() => Pools.Describe($"avgPool1d {Kernel}", Kernel, Stride, 1, Padding, Padding, Ceil);
}
