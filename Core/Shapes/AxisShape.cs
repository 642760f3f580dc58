namespace Fovea.Core.Shapes;

/// <summary>A tensor, row-major, seen along one of its axes: outer × length × inner.</summary>
/// <param name="Outer">The product of the extents before the axis.</param>
/// <param name="Length">The axis's extent.</param>
/// <param name="Inner">The product of the extents behind it.</param>
public readonly record struct AxisShape(int Outer, int Length, int Inner)
{
    /// <summary>A shape along an axis; negative axes count from the end.</summary>
    /// <exception cref="ShapeException">There is no such axis; the sentence begins with <paramref name="where"/>.</exception>
    public static AxisShape Of(string where, Shape shape, int axis)
    {
        ArgumentNullException.ThrowIfNull(shape);
        int at = axis < 0 ? axis + shape.Rank : axis;
        if (at < 0 || at >= shape.Rank)
        {
            throw new ShapeException(where, $"{shape} has no axis {axis}", shape.Rank == 0 ? "give rows of classes" : $"use {-shape.Rank}..{shape.Rank - 1}");
        }

        int outer = 1, inner = 1;
        for (int i = 0; i < shape.Rank; i++)
        {
            outer *= i < at ? shape[i] : 1;
            inner *= i > at ? shape[i] : 1;
        }

        return new(outer, shape[at], inner);
    }
}
