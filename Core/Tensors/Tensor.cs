using Fovea.Core.Shapes;
using MathNet.Numerics.LinearAlgebra.Single;

namespace Fovea.Core.Tensors;

/// <summary>
/// An array of float32 with a shape, row-major: N×C×H×W for a batch of images. Its storage is a MathNet vector over an
/// array of exactly its length, so that <see cref="Vector"/> is the very buffer and MathNet's statistics, distributions
/// and linear algebra work on it directly.
/// </summary>
public sealed partial class Tensor : IEquatable<Tensor>
{
    private Tensor(Shape shape, DenseVector vector)
    {
        Shape = shape;
        Vector = vector;
    }

    /// <summary>The extents.</summary>
    public Shape Shape { get; }

    /// <summary>The elements in row-major order: the tensor's own buffer, not a copy.</summary>
    public DenseVector Vector { get; }

    /// <summary>The elements in row-major order: the tensor's own buffer, not a copy.</summary>
    public float[] Values => Vector.Values;

    /// <summary>The number of elements.</summary>
    public int Count => Shape.Count;

    /// <summary>The number of axes.</summary>
    public int Rank => Shape.Rank;

    /// <summary>A tensor over an array, which it shares; the array must be exactly as long as the shape says.</summary>
    /// <exception cref="ShapeException">The lengths differ.</exception>
    public static Tensor Wrap(Shape shape, float[] values)
    {
        ArgumentNullException.ThrowIfNull(shape);
        ArgumentNullException.ThrowIfNull(values);
        return values.Length == shape.Count
            ? new Tensor(shape, new DenseVector(values))
            : throw new ShapeException("tensor", $"{shape} has {shape.Count:N0} elements, got {values.Length:N0} values", "give as many values as the shape has elements");
    }

    /// <summary>A tensor of zeros.</summary>
    public static Tensor Zeros(Shape shape)
    {
        ArgumentNullException.ThrowIfNull(shape);
        return Wrap(shape, new float[shape.Count]);
    }

    /// <summary>A copy with a buffer of its own.</summary>
    public Tensor Copy() => Wrap(Shape, (float[])Values.Clone());

    /// <summary>
    /// The shape, then the numbers in brackets, aligned, with … in place of the middle of long axes: at most about forty
    /// lines whatever the size.
    /// </summary>
    public override string ToString() => TensorText.Of(this);
}
