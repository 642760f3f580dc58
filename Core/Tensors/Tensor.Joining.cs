using Fovea.Core.Shapes;

namespace Fovea.Core.Tensors;

public sealed partial class Tensor
{
    /// <summary>A copy of the tensors one after another along an axis that they have; the other extents must be equal.</summary>
    /// <exception cref="ShapeException">There are none, or their other extents differ.</exception>
    public static Tensor Concat(IEnumerable<Tensor> tensors, int axis = 0)
    {
        Tensor[] parts = Some("concat", tensors);
        int at = parts[0].Axis("concat", axis);
        int[] extents = parts[0].Shape.ToArray();
        extents[at] = 0;
        foreach (Tensor part in parts)
        {
            int[] other = part.Shape.ToArray();
            if (other.Length == extents.Length)
            {
                other[at] = extents[at];
            }

            if (!other.AsSpan().SequenceEqual(extents))
            {
                throw new ShapeException("concat", $"{parts[0].Shape} and {part.Shape} differ outside axis {at}", "join tensors whose other extents are equal");
            }

            extents[at] = checked(extents[at] + part.Shape[at]);
        }

        Tensor joined = Zeros(new Shape(extents));
        int[] strides = joined.Strides();
        int offset = 0;
        foreach (Tensor part in parts)
        {
            Strided.Scatter(part.Values, joined.Values, offset, part.Shape.Extents, strides);
            offset += part.Shape[at] * strides[at];
        }

        return joined;
    }

    /// <summary>A copy of tensors of one shape along a new axis: images become a batch.</summary>
    /// <exception cref="ShapeException">There are none, or their shapes differ.</exception>
    public static Tensor Stack(IEnumerable<Tensor> tensors, int axis = 0)
    {
        Tensor[] parts = Some("stack", tensors);
        Tensor? odd = parts.FirstOrDefault(part => part.Shape != parts[0].Shape);
        return odd is null
            ? Concat(parts.Select(part => part.Unsqueeze(axis)), axis)
            : throw new ShapeException("stack", $"{parts[0].Shape} and {odd.Shape} differ", "stack tensors of one shape");
    }

    private static Tensor[] Some(string what, IEnumerable<Tensor> tensors)
    {
        ArgumentNullException.ThrowIfNull(tensors);
        Tensor[] some = [.. tensors];
        return some.Length > 0 ? some : throw new ShapeException(what, "no tensor was given", "give one or more");
    }
}
