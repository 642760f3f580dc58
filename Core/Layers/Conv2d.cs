using Fovea.Core.Plans;
using Fovea.Core.Shapes;
using Fovea.Core.Tensors;

namespace Fovea.Core.Layers;

/// <summary>
/// Two-dimensional convolution (cross-correlation): C×H×W to K×P×Q with filters K×(C/groups)×R×S. Parameters:
/// <c>weight</c>, He-initialised, and <c>bias</c>, zero. As in PyTorch, reflect padding must be smaller than the image, and
/// circular padding not larger.
/// </summary>
/// <param name="Filters">K.</param>
/// <param name="Kernel">R×S.</param>
public sealed record Conv2d(int Filters, Size Kernel) : Layer
{
    /// <summary>The step between windows.</summary>
    public Size Stride { get; init; } = 1;

    /// <summary>The distance between taps.</summary>
    public Size Dilation { get; init; } = 1;

    /// <summary>The padding along the height.</summary>
    public Padding Vertical { get; init; } = Padding.Valid;

    /// <summary>The padding along the width.</summary>
    public Padding Horizontal { get; init; } = Padding.Valid;

    /// <summary>What the padding consists of.</summary>
    public Border Border { get; init; }

    /// <summary>Groups of channels that are convolved apart.</summary>
    public int Groups { get; init; } = 1;

    /// <summary>Whether a bias is added.</summary>
    public bool Bias { get; init; } = true;

    /// <inheritdoc/>
    public override string Kind => "conv";

    /// <inheritdoc/>
    public override Node Resolve(Shape input)
    {
        RequireImage(input);
        Window vertical = Vertical.Resolve(input[1], Kernel.Height, Stride.Height, Dilation.Height);
        Window horizontal = Horizontal.Resolve(input[2], Kernel.Width, Stride.Width, Dilation.Width);
        ConvShape shape = Named(() => new ConvShape(1, input[0], input[1], input[2], Filters, vertical, horizontal, Groups));
        ParameterSpec weight = new("weight", ParameterRole.Weight, shape.Weights, Initial.He);
        ParameterSpec bias = new("bias", ParameterRole.Bias, new Shape(Filters), Initial.Constant(0));
        ConvolutionNode Over(ConvShape sizes) => new("conv", sizes, sizes.Output.Tail, Bias ? [weight, bias] : [weight]);
        if (Border == Border.Zeros)
        {
            return Over(shape);
        }

        ResampleShape padding = Named(() => Pad2d.Sizes(input, vertical, horizontal, Border));
        ConvShape inside = new(1, input[0], padding.Rows.Outputs, padding.Columns.Outputs, Filters, vertical with { Low = 0, High = 0 }, horizontal with { Low = 0, High = 0 }, Groups);
        return new PaddedConvolutionNode(padding, Over(inside), new Reach(vertical, horizontal));
    }

    /// <inheritdoc/>
    protected override string Describe() =>
        WindowText.Describe($"conv {Filters} {Kernel}", Stride, 1, Dilation, Vertical, Horizontal, Border, Groups == 1 ? null : $"{Groups} groups", Bias ? null : "no bias");
}
