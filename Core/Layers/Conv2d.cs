using Fovea.Core.Plans;
using Fovea.Core.Shapes;
using Fovea.Core.Tensors;

namespace Fovea.Core.Layers;

/// <summary>
/// Two-dimensional convolution (cross-correlation): C×H×W to K×P×Q with filters K×(C/groups)×R×S. Parameters:
/// <c>weight</c>, He-initialised, and <c>bias</c>, zero.
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
        ConvShape shape = Named(() =>
            new ConvShape(
                1,
                input[0],
                input[1],
                input[2],
                Filters,
                Vertical.Resolve(input[1], Kernel.Height, Stride.Height, Dilation.Height),
                Horizontal.Resolve(input[2], Kernel.Width, Stride.Width, Dilation.Width),
                Groups));
        ParameterSpec weight = new("weight", ParameterRole.Weight, shape.Weights, Initial.He);
        ParameterSpec bias = new("bias", ParameterRole.Bias, new Shape(Filters), Initial.Constant(0));
        return new ConvolutionNode("conv", shape, shape.Output.Tail, Bias ? [weight, bias] : [weight]);
    }

    /// <inheritdoc/>
    protected override string Describe()
    {
        List<string> parts = [$"conv {Filters} {Kernel}"];
        if (Stride != 1)
        {
            parts.Add(Stride.Height == Stride.Width ? $"stride {Stride.Height}" : $"stride {Stride}");
        }

        if (Vertical != Padding.Valid || Horizontal != Padding.Valid)
        {
            parts.Add(Vertical == Horizontal ? $"{Vertical}" : $"{Vertical} × {Horizontal}");
        }

        if (Dilation != 1)
        {
            parts.Add(Dilation.Height == Dilation.Width ? $"dilation {Dilation.Height}" : $"dilation {Dilation}");
        }

        if (Groups != 1)
        {
            parts.Add($"{Groups} groups");
        }

        if (!Bias)
        {
            parts.Add("no bias");
        }

        return string.Join(' ', parts);
    }
}
