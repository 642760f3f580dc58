using Fovea.Core.Plans;
using Fovea.Core.Shapes;

namespace Fovea.Core.Layers;

/// <summary>Enlarging by whole factors, each pixel copied: C×H×W to C×(H·a)×(W·b), as PyTorch's Upsample with 'nearest'.</summary>
/// <param name="Factor">a×b.</param>
public sealed record Upsample(Size Factor) : Layer
{
    /// <inheritdoc/>
    public override string Kind => "upsample";

    /// <inheritdoc/>
    public override Node Resolve(Shape input)
    {
        RequireImage(input);
        if (Factor.Height < 1 || Factor.Width < 1 || (long)input[1] * Factor.Height > int.MaxValue || (long)input[2] * Factor.Width > int.MaxValue)
        {
            throw new ShapeException(ToString(), $"cannot enlarge {input} by {Factor}", "use small whole factors, such as 2");
        }

        return new UpsamplingNode(input[0], new(input[1], input[1] * Factor.Height), new(input[2], input[2] * Factor.Width));
    }

    /// <inheritdoc/>
    protected override string Describe() => $"upsample {Factor}";
}
