using Fovea.Core.Plans;
using Fovea.Core.Shapes;
using Fovea.Core.Tensors;

namespace Fovea.Core.Layers;

/// <summary>
/// A fully connected layer: a vector of D features to one of K, y = W·x + b with W K×D. Parameters: <c>weight</c>,
/// He-initialised, and <c>bias</c>, zero.
/// </summary>
/// <param name="Outputs">K.</param>
public sealed record Dense(int Outputs) : Layer
{
    /// <summary>Whether a bias is added.</summary>
    public bool Bias { get; init; } = true;

    /// <inheritdoc/>
    public override string Kind => "dense";

    /// <inheritdoc/>
    public override Node Resolve(Shape input)
    {
        ArgumentNullException.ThrowIfNull(input);
        if (input.Rank != 1)
        {
            throw new ShapeException(ToString(), $"expected a vector (features), got {input}", "put flatten, or globalAvgPool >> flatten, before it");
        }

        ConvShape shape = Named(() => new ConvShape(1, input[0], 1, 1, Outputs, new Window(1), new Window(1)));
        ParameterSpec weight = new("weight", ParameterRole.Weight, new Shape(Outputs, input[0]), Initial.He);
        ParameterSpec bias = new("bias", ParameterRole.Bias, new Shape(Outputs), Initial.Constant(0));
        return new ConvolutionNode("dense", shape, new Shape(Outputs), Bias ? [weight, bias] : [weight]);
    }

    /// <inheritdoc/>
    protected override string Describe() => Bias ? $"dense {Outputs}" : $"dense {Outputs} no bias";
}
