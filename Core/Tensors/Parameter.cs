using Fovea.Core.Shapes;

namespace Fovea.Core.Tensors;

/// <summary>What a parameter is for: what optimizer groups and weight decay usually tell apart.</summary>
public enum ParameterRole
{
    /// <summary>A matrix or filter bank that multiplies.</summary>
    Weight,

    /// <summary>A term that is added.</summary>
    Bias,

    /// <summary>A normalisation's factor.</summary>
    Scale,

    /// <summary>A normalisation's term.</summary>
    Shift,

    /// <summary>State that is not trained, such as running statistics.</summary>
    Buffer,
}

/// <summary>
/// A named tensor that a network owns: where layers, which say how it begins, and optimizers, which change it, meet.
/// </summary>
/// <param name="Name">The name, unique in its network, such as <c>conv1.weight</c>.</param>
/// <param name="Role">What it is for.</param>
/// <param name="Value">Its value.</param>
/// <param name="Trains">Whether optimizers change it.</param>
public sealed record Parameter(string Name, ParameterRole Role, Tensor Value, bool Trains)
{
    /// <summary>The value's shape.</summary>
    public Shape Shape => Value.Shape;

    /// <summary>The same parameter with a buffer of its own.</summary>
    public Parameter Copy() => this with { Value = Value.Copy() };

    /// <summary>As it is listed: <c>conv1.weight (32, 3, 3, 3)</c>.</summary>
    public override string ToString() => Trains ? $"{Name} {Shape}" : $"{Name} {Shape}, frozen";
}
