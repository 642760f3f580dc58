using Fovea.Core.Plans;
using Fovea.Core.Shapes;

namespace Fovea.Core.Layers;

/// <summary>The maximum of every channel: C×H×W to C×1×1, or C×L to C×1.</summary>
public sealed record GlobalMaxPool : Layer
{
    /// <inheritdoc/>
    public override string Kind => "globalMaxPool";

    /// <inheritdoc/>
    public override Node Resolve(Shape input)
    {
        ArgumentNullException.ThrowIfNull(input);
        if (input.Rank == 2)
        {
            return new SignalNode(Resolve(SignalLayer.AsImage(input)));
        }

        RequireImage(input);
        return new MaxPool2d((input[1], input[2])).Resolve(input);
    }

    /// <inheritdoc/>
    protected override string Describe() => "globalMaxPool";
}
