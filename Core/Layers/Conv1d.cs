using Fovea.Core.Shapes;

namespace Fovea.Core.Layers;

/// <summary>
/// One-dimensional convolution (cross-correlation): C×L to K×L′ with filters K×(C/groups)×S, as <see cref="Conv2d"/> over
/// images of height 1. Parameters: <c>weight</c>, He-initialised, and <c>bias</c>, zero.
/// </summary>
/// <param name="Filters">K.</param>
/// <param name="Kernel">S.</param>
public sealed record Conv1d(int Filters, int Kernel) : SignalLayer
{
    /// <summary>The step between windows.</summary>
    public int Stride { get; init; } = 1;

    /// <summary>The distance between taps.</summary>
    public int Dilation { get; init; } = 1;

    /// <summary>The padding before and after.</summary>
    public Padding Padding { get; init; } = Padding.Valid;

    /// <summary>What the padding consists of.</summary>
    public Border Border { get; init; }

    /// <summary>Groups of channels that are convolved apart.</summary>
    public int Groups { get; init; } = 1;

    /// <summary>Whether a bias is added.</summary>
    public bool Bias { get; init; } = true;

    /// <inheritdoc/>
    public override Layer Image =>
        new Conv2d(Filters, (1, Kernel)) { Stride = (1, Stride), Dilation = (1, Dilation), Horizontal = Padding, Border = Border, Groups = Groups, Bias = Bias };

    /// <inheritdoc/>
    protected override string Describe() =>
        WindowText.Describe($"conv1d {Filters} {Kernel}", Stride, 1, Dilation, Padding, Padding, Border, Groups == 1 ? null : $"{Groups} groups", Bias ? null : "no bias");
}
