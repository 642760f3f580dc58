using Fovea.Core.Shapes;

namespace Fovea.Core.Tensors;

public sealed partial class Tensor
{
    /// <summary>The sum of all elements, summed in double precision; 0 when there are none.</summary>
    public float Sum() => (float)Total();

    /// <summary>The mean of all elements, summed in double precision; NaN when there are none.</summary>
    public float Mean() => (float)(Total() / Count);

    /// <summary>The smallest element; NaN if any is NaN.</summary>
    /// <exception cref="ShapeException">There are no elements.</exception>
    public float Min() => Values[ArgMin()];

    /// <summary>The largest element; NaN if any is NaN.</summary>
    /// <exception cref="ShapeException">There are no elements.</exception>
    public float Max() => Values[ArgMax()];

    /// <summary>The row-major position of the smallest element: the first of equals, the first NaN if there is any.</summary>
    /// <exception cref="ShapeException">There are no elements.</exception>
    public int ArgMin() => Best(0, Some("min"), 1, smallest: true);

    /// <summary>The row-major position of the largest element: the first of equals, the first NaN if there is any.</summary>
    /// <exception cref="ShapeException">There are no elements.</exception>
    public int ArgMax() => Best(0, Some("max"), 1, smallest: false);

    /// <summary>Sums along an axis, in double precision. The axis goes, or stays with extent 1.</summary>
    /// <param name="axis">The axis; negative ones count from the end.</param>
    /// <param name="keepAxis">Whether the axis stays with extent 1.</param>
    /// <exception cref="ShapeException">There is no such axis.</exception>
    public Tensor Sum(int axis, bool keepAxis = false) => Summed(Axis("sum", axis), keepAxis, divisor: 1);

    /// <summary>Means along an axis, summed in double precision; NaN along an empty one. The axis goes, or stays with extent 1.</summary>
    /// <inheritdoc cref="Sum(int, bool)"/>
    public Tensor Mean(int axis, bool keepAxis = false) => Summed(Axis("mean", axis), keepAxis, divisor: Shape[axis]);

    /// <summary>The smallest elements along an axis; NaN where there is any. The axis goes, or stays with extent 1.</summary>
    /// <inheritdoc cref="Sum(int, bool)"/>
    /// <exception cref="ShapeException">There is no such axis, or it is empty.</exception>
    public Tensor Min(int axis, bool keepAxis = false) => Found(Axis("min", axis), keepAxis, smallest: true, (best, _) => Values[best]);

    /// <summary>The largest elements along an axis; NaN where there is any. The axis goes, or stays with extent 1.</summary>
    /// <inheritdoc cref="Sum(int, bool)"/>
    /// <exception cref="ShapeException">There is no such axis, or it is empty.</exception>
    public Tensor Max(int axis, bool keepAxis = false) => Found(Axis("max", axis), keepAxis, smallest: false, (best, _) => Values[best]);

    /// <summary>
    /// The indices of the smallest elements along an axis, as floats: the first of equals, the first NaN if there is
    /// any. The axis goes, or stays with extent 1.
    /// </summary>
    /// <inheritdoc cref="Sum(int, bool)"/>
    /// <exception cref="ShapeException">There is no such axis, or it is empty.</exception>
    public Tensor ArgMin(int axis, bool keepAxis = false) => Found(Axis("argmin", axis), keepAxis, smallest: true, (_, index) => index);

    /// <summary>
    /// The indices of the largest elements along an axis, as floats: the first of equals, the first NaN if there is any.
    /// The axis goes, or stays with extent 1.
    /// </summary>
    /// <inheritdoc cref="Sum(int, bool)"/>
    /// <exception cref="ShapeException">There is no such axis, or it is empty.</exception>
    public Tensor ArgMax(int axis, bool keepAxis = false) => Found(Axis("argmax", axis), keepAxis, smallest: false, (_, index) => index);

    private double Total()
    {
        double total = 0;
        foreach (float value in Values)
        {
            total += value;
        }

        return total;
    }

    private int Some(string what) =>
        Count > 0 ? Count : throw new ShapeException(what, $"{Shape} has no elements", "give at least one");

    // The tensor as outer × axis × inner; the result as outer × inner.
    private (Tensor Result, int Outer, int Inner) Without(int axis, bool keepAxis)
    {
        int[] extents = Shape.ToArray();
        extents[axis] = 1;
        Tensor result = Zeros(new Shape(extents));
        int inner = Strides()[axis];
        return (keepAxis ? result : result.Squeeze(axis), inner == 0 ? 0 : result.Count / inner, inner);
    }

    private Tensor Summed(int axis, bool keepAxis, int divisor)
    {
        (Tensor result, int outer, int inner) = Without(axis, keepAxis);
        var totals = new double[inner];
        for (int o = 0; o < outer; o++)
        {
            Array.Clear(totals);
            for (int a = 0; a < Shape[axis]; a++)
            {
                ReadOnlySpan<float> row = Values.AsSpan(((o * Shape[axis]) + a) * inner, inner);
                for (int i = 0; i < row.Length; i++)
                {
                    totals[i] += row[i];
                }
            }

            for (int i = 0; i < inner; i++)
            {
                result.Values[(o * inner) + i] = (float)(totals[i] / divisor);
            }
        }

        return result;
    }

    private Tensor Found(int axis, bool keepAxis, bool smallest, Func<int, int, float> value)
    {
        if (Shape[axis] == 0)
        {
            throw new ShapeException(smallest ? "min" : "max", $"axis {axis} of {Shape} is empty", "give at least one element along it");
        }

        (Tensor result, int outer, int inner) = Without(axis, keepAxis);
        for (int o = 0; o < outer; o++)
        {
            for (int i = 0; i < inner; i++)
            {
                int start = (o * Shape[axis] * inner) + i;
                int best = Best(start, Shape[axis], inner, smallest);
                result.Values[(o * inner) + i] = value(best, (best - start) / inner);
            }
        }

        return result;
    }

    private int Best(int start, int count, int stride, bool smallest)
    {
        int best = start;
        for (int i = 0, at = start; i < count && !float.IsNaN(Values[best]); i++, at += stride)
        {
            float value = Values[at];
            if (float.IsNaN(value) || (smallest ? value < Values[best] : value > Values[best]))
            {
                best = at;
            }
        }

        return best;
    }
}
