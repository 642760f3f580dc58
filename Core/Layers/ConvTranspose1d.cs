using Fovea.Core.Shapes;

namespace Fovea.Core.Layers;

/// <summary>
/// One-dimensional transposed convolution: C×L to K×L′ with weights C×(K/groups)×S, as <see cref="ConvTranspose2d"/> over
/// images of height 1. Parameters: <c>weight</c>, He-initialised, and <c>bias</c>, zero.
/// </summary>
/// <param name="Filters">K.</param>
/// <param name="Kernel">S.</param>
public sealed record ConvTranspose1d(int Filters, int Kernel) : SignalLayer
{
    /// <summary>Output positions between what neighbouring inputs add.</summary>
    public int Stride { get; init; } = 1;

    /// <summary>The distance between taps.</summary>
    public int Dilation { get; init; } = 1;

    /// <summary>The positions that are taken away before and after.</summary>
    public Padding Padding { get; init; } = Padding.Valid;

    /// <summary>Positions that are added after, less than the stride or the dilation.</summary>
    public int OutputPadding { get; init; }

    /// <summary>Groups of channels that are convolved apart.</summary>
    public int Groups { get; init; } = 1;

    /// <summary>Whether a bias is added.</summary>
    public bool Bias { get; init; } = true;

    /// <inheritdoc/>
    public override Layer Image =>
        new ConvTranspose2d(Filters, (1, Kernel))
        {
            Stride = (1, Stride),
            Dilation = (1, Dilation),
            Horizontal = Padding,
            OutputPadding = (0, OutputPadding),
            Groups = Groups,
            Bias = Bias,
        };

    /// <inheritdoc/>
    protected override string Describe() =>
        WindowText.Describe(
            $"convTranspose1d {Filters} {Kernel}",
            Stride,
            1,
            Dilation,
            Padding,
            Padding,
            Border.Zeros,
            OutputPadding == 0 ? null : $"output pad {OutputPadding}",
            Groups == 1 ? null : $"{Groups} groups",
            Bias ? null : "no bias");
}
