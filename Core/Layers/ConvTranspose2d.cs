using Fovea.Core.Plans;
using Fovea.Core.Shapes;
using Fovea.Core.Tensors;

namespace Fovea.Core.Layers;

/// <summary>
/// Transposed convolution (Zeiler et al., "Deconvolutional networks", 2010): C×H×W to K×P×Q with weights C×(K/groups)×R×S, as
/// PyTorch's ConvTranspose2d. It computes what the convolution from K to C channels with these weights computes for the
/// gradient of its input: every input pixel adds its multiple of the kernel to the output, a stride apart, so that
/// P = (H − 1)·stride + dilation·(R − 1) + 1 − top − bottom + output padding. Same gives P = H·stride. Parameters:
/// <c>weight</c>, He-initialised, and <c>bias</c>, zero.
/// </summary>
/// <param name="Filters">K.</param>
/// <param name="Kernel">R×S.</param>
public sealed record ConvTranspose2d(int Filters, Size Kernel) : Layer
{
    /// <summary>Output pixels between what neighbouring inputs add.</summary>
    public Size Stride { get; init; } = 1;

    /// <summary>The distance between taps.</summary>
    public Size Dilation { get; init; } = 1;

    /// <summary>The rows that are taken away above and below.</summary>
    public Padding Vertical { get; init; } = Padding.Valid;

    /// <summary>The columns that are taken away left and right.</summary>
    public Padding Horizontal { get; init; } = Padding.Valid;

    /// <summary>Rows and columns that are added below and to the right, less than the stride or the dilation.</summary>
    public Size OutputPadding { get; init; }

    /// <summary>Groups of channels that are convolved apart.</summary>
    public int Groups { get; init; } = 1;

    /// <summary>Whether a bias is added.</summary>
    public bool Bias { get; init; } = true;

    /// <inheritdoc/>
    public override string Kind => "convTranspose";

    /// <inheritdoc/>
    public override Node Resolve(Shape input)
    {
        RequireImage(input);
        ConvShape shape = Named(() => TransposedConvolution.Of(input.Prepend(1), Filters, Kernel, Stride, Dilation, Vertical, Horizontal, OutputPadding, Groups));
        ParameterSpec weight = new("weight", ParameterRole.Weight, shape.Weights, Initial.He);
        ParameterSpec bias = new("bias", ParameterRole.Bias, new Shape(Filters), Initial.Constant(0));
        return new TransposedConvolutionNode(shape, Bias ? [weight, bias] : [weight]);
    }

    /// <inheritdoc/>
    protected override string Describe() =>
        WindowText.Describe(
            $"convTranspose {Filters} {Kernel}",
            Stride,
            1,
            Dilation,
            Vertical,
            Horizontal,
            Border.Zeros,
            OutputPadding == default ? null : $"output pad {WindowText.Short(OutputPadding)}",
            Groups == 1 ? null : $"{Groups} groups",
            Bias ? null : "no bias");
}
