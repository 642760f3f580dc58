using Fovea.Core.Shapes;

namespace Fovea.Core.Tensors;

public sealed partial class Tensor
{
    /// <summary>A copy of <paramref name="length"/> positions along an axis from <paramref name="start"/> on; the axis stays.</summary>
    /// <param name="axis">The axis; negative ones count from the end.</param>
    /// <param name="start">The first position, 0 or more.</param>
    /// <param name="length">The number of positions, 0 or more.</param>
    /// <exception cref="ShapeException">The positions are not all inside the axis.</exception>
    public Tensor Slice(int axis, int start, int length)
    {
        int at = Axis("slice", axis);
        if (start < 0 || length < 0 || start > Shape[at] - length)
        {
            throw new ShapeException("slice", $"{length} positions from {start} are not all inside axis {at} of {Shape}", $"stay within 0..{Shape[at]}");
        }

        int[] extents = Shape.ToArray();
        extents[at] = length;
        return Gathered(new Shape(extents), start * Strides()[at], Strides());
    }

    /// <summary>A copy of what stands at an index of an axis; the axis goes: image i of a batch is <c>Take(i)</c>.</summary>
    /// <param name="index">The position, from 0.</param>
    /// <param name="axis">The axis, the first unless said; negative ones count from the end.</param>
    /// <exception cref="ShapeException">The index is outside the axis, or there is no such axis.</exception>
    public Tensor Take(int index, int axis = 0)
    {
        int at = Axis("take", axis);
        if ((uint)index >= (uint)Shape[at])
        {
            throw new ShapeException("take", $"index {index} is outside axis {at} of {Shape}", Shape[at] == 0 ? "that axis is empty" : $"use 0..{Shape[at] - 1}");
        }

        return Slice(at, index, 1).Squeeze(at);
    }

    /// <summary>Copies of what stands at several indices of an axis, in their order; the axis stays. An index may come twice.</summary>
    /// <exception cref="ShapeException">An index is outside the axis, or there is no such axis.</exception>
    public Tensor TakeMany(IReadOnlyList<int> indices, int axis = 0)
    {
        ArgumentNullException.ThrowIfNull(indices);
        int at = Axis("take", axis);
        int[] extents = Shape.ToArray();
        extents[at] = indices.Count;
        Tensor taken = Zeros(new Shape(extents));
        int inner = Strides()[at];
        int outer = inner * Shape[at] == 0 ? 0 : Count / (inner * Shape[at]);
        for (int i = 0; i < indices.Count; i++)
        {
            if ((uint)indices[i] >= (uint)Shape[at])
            {
                throw new ShapeException("take", $"index {indices[i]} is outside axis {at} of {Shape}", Shape[at] == 0 ? "that axis is empty" : $"use 0..{Shape[at] - 1}");
            }

            for (int o = 0; o < outer; o++)
            {
                Values.AsSpan(((o * Shape[at]) + indices[i]) * inner, inner).CopyTo(taken.Values.AsSpan(((o * indices.Count) + i) * inner));
            }
        }

        return taken;
    }

    /// <summary>A copy with an axis in reverse order.</summary>
    /// <exception cref="ShapeException">There is no such axis.</exception>
    public Tensor Flip(int axis)
    {
        int at = Axis("flip", axis);
        int[] strides = Strides();
        int last = Math.Max(0, Shape[at] - 1) * strides[at];
        strides[at] = -strides[at];
        return Gathered(Shape, last, strides);
    }

    private int[] Strides() => Strided.RowMajor(Shape.Extents);

    private Tensor Gathered(Shape shape, int offset, ReadOnlySpan<int> strides)
    {
        Tensor gathered = Zeros(shape);
        Strided.Gather(Values, offset, shape.Extents, strides, gathered.Values);
        return gathered;
    }

    private int Axis(string what, int axis)
    {
        int at = axis < 0 ? axis + Rank : axis;
        return at >= 0 && at < Rank
            ? at
            : throw new ShapeException(what, $"{Shape} has no axis {axis}", Rank == 0 ? "a scalar has none" : $"use {-Rank}..{Rank - 1}");
    }
}
