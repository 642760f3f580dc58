using Fovea.Core.Plans;
using Fovea.Core.Shapes;

namespace Fovea.Core.Layers;

/// <summary>An image's elements as one vector, channel after channel: C×H×W to C·H·W.</summary>
public sealed record Flatten : Layer
{
    /// <inheritdoc/>
    public override string Kind => "flatten";

    /// <inheritdoc/>
    public override Node Resolve(Shape input)
    {
        ArgumentNullException.ThrowIfNull(input);
        return new ReshapeNode(input, new Shape(input.Count));
    }

    /// <inheritdoc/>
    protected override string Describe() => "flatten";
}
