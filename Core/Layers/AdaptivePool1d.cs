namespace Fovea.Core.Layers;

/// <summary>Pooling of a signal to a given length, as <see cref="AdaptivePool2d"/> over images of height 1: C×L to C×To.</summary>
/// <param name="To">The length.</param>
/// <param name="Max">Whether the maximum is wanted, not the mean.</param>
public sealed record AdaptivePool1d(int To, bool Max) : SignalLayer
{
    /// <inheritdoc/>
    public override Layer Image => new AdaptivePool2d((1, To), Max);

    /// <inheritdoc/>
    protected override string Describe() => $"{Kind}1d {To}";
}
