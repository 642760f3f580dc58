using Fovea.Core.Shapes;

namespace Fovea.Core.Layers;

/// <summary>Positions before and after a signal: C×L to C×(L + before + after), as <see cref="Pad2d"/> over images of height 1.</summary>
/// <param name="Padding">Before and after.</param>
public sealed record Pad1d(Padding Padding) : SignalLayer
{
    /// <summary>What stands there.</summary>
    public Border Border { get; init; }

    /// <inheritdoc/>
    public override Layer Image => new Pad2d(Padding.Valid, Padding) { Border = Border };

    /// <inheritdoc/>
    protected override string Describe() => $"{Image}".Replace("pad valid × ", "pad1d ", StringComparison.Ordinal);
}
