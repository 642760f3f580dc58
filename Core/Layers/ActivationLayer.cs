using Fovea.Core.Dispatch;
using Fovea.Core.Plans;
using Fovea.Core.Shapes;

namespace Fovea.Core.Layers;

/// <summary>An element-wise function of every element.</summary>
/// <param name="Function">Which one.</param>
public sealed record ActivationLayer(ActivationKind Function) : Layer
{
    /// <summary>max(0, x).</summary>
    public static ActivationLayer Relu { get; } = new(ActivationKind.Relu);

    /// <summary>1 / (1 + exp(−x)).</summary>
    public static ActivationLayer Sigmoid { get; } = new(ActivationKind.Sigmoid);

    /// <summary>The hyperbolic tangent.</summary>
    public static ActivationLayer Tanh { get; } = new(ActivationKind.Tanh);

    /// <inheritdoc/>
    public override string Kind => char.ToLowerInvariant(Function.ToString()[0]) + Function.ToString()[1..];

    /// <inheritdoc/>
    public override Node Resolve(Shape input) => new ActivationNode(Function, input);

    /// <inheritdoc/>
    protected override string Describe() => Kind;
}
