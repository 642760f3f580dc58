using Fovea.Core.Plans;
using Fovea.Core.Shapes;

namespace Fovea.Core.Layers;

/// <summary>A layer that a user defines by functions on tensors.</summary>
/// <param name="Name">How it is listed, and what its parameters' names begin with.</param>
/// <param name="OutputShape">The shape of one image's output, from that of one image.</param>
/// <param name="Wanted">The parameters that it wants over images of a shape.</param>
/// <param name="Functions">What it computes.</param>
public sealed record CustomLayer(
    string Name,
    Func<Shape, Shape> OutputShape,
    Func<Shape, IReadOnlyList<ParameterSpec>> Wanted,
    CustomFunctions Functions) : Layer
{
    /// <inheritdoc/>
    public override string Kind => Name;

    /// <inheritdoc/>
    public override Node Resolve(Shape input) => new CustomNode(Name, input, OutputShape(input), Wanted(input), Functions);

    /// <inheritdoc/>
    protected override string Describe() => Name;
}
