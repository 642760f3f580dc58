using Fovea.Core.Plans;
using Fovea.Core.Shapes;
using Fovea.Core.Tensors;

namespace Fovea.Core.Layers;

/// <summary>
/// A leaky ReLU whose slope is learned: x above 0, weight·x from there on down (He, Zhang, Ren and Sun, "Delving deep into
/// rectifiers", 2015). Parameter: <c>weight</c>, 0.25 at first as in PyTorch; one for all, or one for each channel of images,
/// each feature of vectors. Weight decay is not for it: it would pull the slope towards a plain ReLU's.
/// </summary>
public sealed record Prelu : Layer
{
    /// <summary>Whether each channel has a slope of its own.</summary>
    public bool PerChannel { get; init; }

    /// <inheritdoc/>
    public override string Kind => "prelu";

    /// <inheritdoc/>
    public override Node Resolve(Shape input)
    {
        ArgumentNullException.ThrowIfNull(input);
        return new PreluNode(input, new ParameterSpec("weight", ParameterRole.Scale, new Shape(PerChannel && input.Rank > 0 ? input[0] : 1), Initial.Constant(0.25f)));
    }

    /// <inheritdoc/>
    protected override string Describe() => PerChannel ? "prelu per channel" : "prelu";
}
