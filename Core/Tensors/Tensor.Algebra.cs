using System.Numerics;
using System.Runtime.InteropServices;
using Fovea.Core.Shapes;
using MathNetMatrix = MathNet.Numerics.LinearAlgebra.Matrix<float>;

namespace Fovea.Core.Tensors;

public sealed partial class Tensor
{
    /// <summary>
    /// A tensor with two axes as a MathNet matrix over its own buffer: <c>Matrix[i, j]</c> is <c>tensor[i, j]</c>, and
    /// what is written to the one is in the other. MathNet's linear algebra works on it and gives matrices of its own.
    /// </summary>
    /// <exception cref="ShapeException">There are not two axes.</exception>
    public MathNetMatrix Matrix =>
        Rank == 2
            ? new RowMajorMatrix(Shape[0], Shape[1], Values)
            : throw new ShapeException("matrix", $"{Shape} does not have two axes", "reshape or flatten first, such as t.Flatten(1)");

    /// <summary>A tensor with two axes over a copy of a MathNet matrix.</summary>
    public static Tensor FromMatrix(MathNetMatrix matrix)
    {
        ArgumentNullException.ThrowIfNull(matrix);
        return Wrap(new Shape(matrix.RowCount, matrix.ColumnCount), matrix.ToRowMajorArray());
    }

    /// <summary>The sum of the products of two vectors' elements, summed in double precision.</summary>
    /// <exception cref="ShapeException">They are not vectors of one length.</exception>
    public float Dot(Tensor other)
    {
        ArgumentNullException.ThrowIfNull(other);
        if (Rank != 1 || Shape != other.Shape)
        {
            throw new ShapeException("dot", $"{Shape} and {other.Shape} are not vectors of one length", "flatten them, or use MatMul for matrices");
        }

        return (float)Inner(other);
    }

    /// <summary>The matrix product: (m, k) by (k, n) gives (m, n); (m, k) by a vector (k) gives a vector (m).</summary>
    /// <exception cref="ShapeException">The shapes do not fit.</exception>
    public Tensor MatMul(Tensor other)
    {
        ArgumentNullException.ThrowIfNull(other);
        if (Rank != 2 || other.Rank is not (1 or 2) || Shape[1] != other.Shape[0])
        {
            throw new ShapeException("matmul", $"{Shape} and {other.Shape} do not fit: expected (m, k) by (k, n)", "transpose or reshape one of them");
        }

        int m = Shape[0], k = Shape[1], n = other.Rank == 2 ? other.Shape[1] : 1;
        Tensor product = Zeros(other.Rank == 2 ? new Shape(m, n) : new Shape(m));
        for (int row = 0; row < m; row++)
        {
            Span<float> sums = product.Values.AsSpan(row * n, n);
            for (int i = 0; i < k; i++)
            {
                AddScaled(Values[(row * k) + i], other.Values.AsSpan(i * n, n), sums);
            }
        }

        return product;
    }

    /// <summary>The Euclidean norm: the root of the sum of squares, summed in double precision.</summary>
    public float Norm() => (float)Math.Sqrt(Inner(this));

    /// <summary>The sum of the absolute values, summed in double precision.</summary>
    public float NormL1() => Map(MathF.Abs).Sum();

    /// <summary>The largest absolute value; NaN if any element is NaN, 0 when there are none.</summary>
    public float NormMax() => Count == 0 ? 0 : Map(MathF.Abs).Max();

    private double Inner(Tensor other)
    {
        double total = 0;
        for (int i = 0; i < Values.Length; i++)
        {
            total += (double)Values[i] * other.Values[i];
        }

        return total;
    }

    // Products are rounded before they are added, in vectors and in their tail alike, so that an element's value does
    // not depend on where in the row it stands.
    private static void AddScaled(float factor, ReadOnlySpan<float> row, Span<float> sums)
    {
        Span<Vector<float>> wideSums = MemoryMarshal.Cast<float, Vector<float>>(sums);
        ReadOnlySpan<Vector<float>> wideRow = MemoryMarshal.Cast<float, Vector<float>>(row);
        for (int i = 0; i < wideSums.Length; i++)
        {
            wideSums[i] += factor * wideRow[i];
        }

        for (int i = wideSums.Length * Vector<float>.Count; i < sums.Length; i++)
        {
            sums[i] += factor * row[i];
        }
    }
}
