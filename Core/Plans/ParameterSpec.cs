using Fovea.Core.Randomness;
using Fovea.Core.Shapes;
using Fovea.Core.Tensors;

namespace Fovea.Core.Plans;

/// <summary>A parameter before it exists: what a layer wants, and how it begins.</summary>
/// <param name="Name">The name within its layer, such as <c>weight</c>.</param>
/// <param name="Role">What it is for.</param>
/// <param name="Shape">Its shape.</param>
/// <param name="Initial">Its initial value for a key; the same key gives the same value.</param>
public sealed record ParameterSpec(string Name, ParameterRole Role, Shape Shape, Func<Shape, RandomKey, Tensor> Initial)
{
    /// <summary>The parameter with its initial value.</summary>
    public Parameter Create(string name, RandomKey key, bool trains) => new(name, Role, Initial(Shape, key), trains && Role != ParameterRole.Buffer);
}
