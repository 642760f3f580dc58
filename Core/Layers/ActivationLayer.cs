using Fovea.Core.Dispatch;
using Fovea.Core.Plans;
using Fovea.Core.Shapes;

namespace Fovea.Core.Layers;

/// <summary>An element-wise function of every element.</summary>
/// <param name="Function">Which one.</param>
public sealed record ActivationLayer(ActivationKind Function) : Layer
{
    /// <inheritdoc/>
    public override string Kind => char.ToLowerInvariant(Function.ToString()[0]) + Function.ToString()[1..];

    /// <inheritdoc/>
    public override Node Resolve(Shape input) => new ActivationNode(Function, input);

    /// <inheritdoc/>
    protected override string Describe() => Kind;
}
