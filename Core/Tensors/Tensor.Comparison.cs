using System.Runtime.InteropServices;
using Fovea.Core.Shapes;

namespace Fovea.Core.Tensors;

public sealed partial class Tensor
{
    /// <summary>
    /// Whether shapes are equal and elements are, in the sense of <see cref="float.Equals(float)"/>: NaN equals NaN, and
    /// 0 equals −0. For equal bits use <see cref="SameBits"/>, for nearly equal numbers <see cref="AllClose"/>.
    /// </summary>
    public bool Equals(Tensor? other)
    {
        if (other is null || Shape != other.Shape)
        {
            return false;
        }

        for (int i = 0; i < Values.Length; i++)
        {
            if (!Values[i].Equals(other.Values[i]))
            {
                return false;
            }
        }

        return true;
    }

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as Tensor);

    /// <summary>A hash of the shape and a few elements. A tensor that is written to while it is a key is not found again.</summary>
    public override int GetHashCode()
    {
        HashCode hash = default;
        hash.Add(Shape);
        for (int i = 0; i < Values.Length; i += 1 + (Values.Length / 16))
        {
            hash.Add(Values[i]);
        }

        return hash.ToHashCode();
    }

    /// <summary>Whether two tensors are equal, as <see cref="Equals(Tensor)"/> says.</summary>
    public static bool operator ==(Tensor? left, Tensor? right) => left is null ? right is null : left.Equals(right);

    /// <summary>Whether two tensors differ, as <see cref="Equals(Tensor)"/> says.</summary>
    public static bool operator !=(Tensor? left, Tensor? right) => !(left == right);

    /// <summary>Whether shapes and the bits of all elements are equal.</summary>
    public bool SameBits(Tensor other)
    {
        ArgumentNullException.ThrowIfNull(other);
        return Shape == other.Shape
            && MemoryMarshal.AsBytes(Values.AsSpan()).SequenceEqual(MemoryMarshal.AsBytes(other.Values.AsSpan()));
    }

    /// <summary>
    /// Whether every element is within <paramref name="absolute"/> + <paramref name="relative"/>·|other's element| of the
    /// other tensor's. Equal infinities are close; NaN is close to NaN only if that is asked for.
    /// </summary>
    /// <exception cref="ShapeException">The shapes differ.</exception>
    public bool AllClose(Tensor other, float relative = 1e-5f, float absolute = 1e-8f, bool equalNaN = false)
    {
        SameShape("allclose", other);
        for (int i = 0; i < Values.Length; i++)
        {
            double a = Values[i], b = other.Values[i];
            bool close = a == b
                || (equalNaN && double.IsNaN(a) && double.IsNaN(b))
                || (double.IsFinite(b) && Math.Abs(a - b) <= absolute + (relative * Math.Abs(b)));
            if (!close)
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>
    /// The largest |difference| of two elements at one place: 0 for equal infinities, NaN if either tensor has a NaN,
    /// 0 when there are no elements.
    /// </summary>
    /// <exception cref="ShapeException">The shapes differ.</exception>
    public float MaxDifference(Tensor other)
    {
        SameShape("difference", other);
        double largest = 0;
        for (int i = 0; i < Values.Length; i++)
        {
            double a = Values[i], b = other.Values[i];
            largest = Math.Max(largest, a == b ? 0 : Math.Abs(a - b)); // Math.Max hands NaN on.
        }

        return (float)largest;
    }

    private void SameShape(string what, Tensor other)
    {
        ArgumentNullException.ThrowIfNull(other);
        if (Shape != other.Shape)
        {
            throw new ShapeException(what, $"{Shape} and {other.Shape} differ", "compare tensors of one shape");
        }
    }
}
