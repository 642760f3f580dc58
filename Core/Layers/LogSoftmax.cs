using Fovea.Core.Plans;
using Fovea.Core.Shapes;

namespace Fovea.Core.Layers;

/// <summary>The logarithm of softmax over a vector of logits, x − ln Σ exp(x), which no large logit overflows.</summary>
public sealed record LogSoftmax : Layer
{
    /// <inheritdoc/>
    public override string Kind => "logSoftmax";

    /// <inheritdoc/>
    public override Node Resolve(Shape input)
    {
        ArgumentNullException.ThrowIfNull(input);
        return input.Rank == 1
            ? new LogSoftmaxNode(input)
            : throw new ShapeException(ToString(), $"expected a vector (classes), got {input}", "put flatten before it");
    }

    /// <inheritdoc/>
    protected override string Describe() => "logSoftmax";
}
