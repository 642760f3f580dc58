using Fovea.Core.Plans;
using Fovea.Core.Shapes;
using Fovea.Core.Tensors;

namespace Fovea.Core.Layers;

/// <summary>
/// A convolution whose weights are not shared: every output of C×H×W to K×P×Q has a filter and a bias of its own.
/// Parameters: <c>weight</c> K×P×Q×C×R×S, initialised with the fan-in C·R·S as a convolution's, and <c>bias</c> K×P×Q,
/// zero.
/// </summary>
/// <param name="Filters">K.</param>
/// <param name="Kernel">R×S.</param>
public sealed record LocallyConnected2d(int Filters, Size Kernel) : Layer
{
    /// <summary>The step between windows.</summary>
    public Size Stride { get; init; } = 1;

    /// <summary>The padding along the height.</summary>
    public Padding Vertical { get; init; } = Padding.Valid;

    /// <summary>The padding along the width.</summary>
    public Padding Horizontal { get; init; } = Padding.Valid;

    /// <summary>Whether a bias is added.</summary>
    public bool Bias { get; init; } = true;

    /// <inheritdoc/>
    public override string Kind => "locallyConnected";

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
                Vertical.Resolve(input[1], Kernel.Height, Stride.Height),
                Horizontal.Resolve(input[2], Kernel.Width, Stride.Width)));
        double fanIn = (double)shape.C * shape.R * shape.S, weights = (double)shape.K * shape.P * shape.Q * fanIn;
        if (weights > int.MaxValue)
        {
            throw new ShapeException(ToString(), $"a filter for every place of {shape.Output.Tail} makes {weights:N0} weights", "use smaller images, fewer filters, or a convolution");
        }

        ParameterSpec weight = new("weight", ParameterRole.Weight, new Shape(shape.K, shape.P, shape.Q, shape.C, shape.R, shape.S), (extents, key) => Tensor.Normal(extents, key, 0, (float)Math.Sqrt(2 / fanIn)));
        ParameterSpec bias = new("bias", ParameterRole.Bias, shape.Output.Tail, Initial.Constant(0));
        return new LocalConvolutionNode(shape, Bias ? [weight, bias] : [weight]);
    }

    /// <inheritdoc/>
    protected override string Describe()
    {
        List<string> parts = [$"locallyConnected {Filters} {Kernel}"];
        if (Stride != 1)
        {
            parts.Add(Stride.Height == Stride.Width ? $"stride {Stride.Height}" : $"stride {Stride}");
        }

        if (Vertical != Padding.Valid || Horizontal != Padding.Valid)
        {
            parts.Add(Vertical == Horizontal ? $"{Vertical}" : $"{Vertical} × {Horizontal}");
        }

        if (!Bias)
        {
            parts.Add("no bias");
        }

        return string.Join(' ', parts);
    }
}
