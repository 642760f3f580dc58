using Fovea.Core.Shapes;

namespace Fovea.Core.Layers;

/// <summary>The maximum of each window of a signal: C×L to C×L′, as <see cref="MaxPool2d"/> over images of height 1.</summary>
/// <param name="Kernel">S.</param>
public sealed record MaxPool1d(int Kernel) : SignalLayer
{
    /// <summary>The step between windows; as large as the window unless it is said.</summary>
    public int Stride { get; init; } = Kernel;

    /// <summary>The distance between taps.</summary>
    public int Dilation { get; init; } = 1;

    /// <summary>The padding before and after.</summary>
    public Padding Padding { get; init; } = Padding.Valid;

    /// <summary>Whether a last, partial window counts.</summary>
    public bool Ceil { get; init; }

    /// <inheritdoc/>
    public override Layer Image =>
        new MaxPool2d((1, Kernel)) { Stride = (1, Stride), Dilation = (1, Dilation), Horizontal = Padding, Ceil = Ceil };

    /// <inheritdoc/>
    protected override string Describe() => Pools.Describe($"maxPool1d {Kernel}", Kernel, Stride, Dilation, Padding, Padding, Ceil);
}
