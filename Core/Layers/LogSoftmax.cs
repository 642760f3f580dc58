using Fovea.Core.Plans;
using Fovea.Core.Shapes;

namespace Fovea.Core.Layers;

/// <summary>The logarithm of softmax over an axis of an image, x − ln Σ exp(x), which no large logit overflows: the only axis of a vector, or a given one.</summary>
public sealed record LogSoftmax : Layer
{
    /// <summary>
    /// Which axis of one image, without the batch: 0 for the channels (PyTorch's dim 1), −1 for the last; null for the only one
    /// of a vector.
    /// </summary>
    public int? Axis { get; init; }

    /// <inheritdoc/>
    public override string Kind => "logSoftmax";

    /// <inheritdoc/>
    public override Node Resolve(Shape input)
    {
        ArgumentNullException.ThrowIfNull(input);
        return Axis is not null || input.Rank == 1
            ? Named(() => new SoftmaxNode(input, Axis ?? 0, isLogarithm: true))
            : throw new ShapeException(ToString(), $"expected a vector (classes), got {input}", "put flatten before it, or say over which axis: logSoftmaxOver 0 is over the channels");
    }

    /// <inheritdoc/>
    protected override string Describe() => Axis is { } axis ? $"logSoftmax over axis {axis}" : "logSoftmax";
}
