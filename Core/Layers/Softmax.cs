using Fovea.Core.Plans;
using Fovea.Core.Shapes;

namespace Fovea.Core.Layers;

/// <summary>Softmax over a vector of logits. Training is on the logits, without it.</summary>
public sealed record Softmax : Layer
{
    /// <inheritdoc/>
    public override string Kind => "softmax";

    /// <inheritdoc/>
    public override Node Resolve(Shape input)
    {
        ArgumentNullException.ThrowIfNull(input);
        return input.Rank == 1
            ? new SoftmaxNode(input)
            : throw new ShapeException(ToString(), $"expected a vector (classes), got {input}", "put flatten before it");
    }

    /// <inheritdoc/>
    protected override string Describe() => "softmax";
}
