using System.Runtime.CompilerServices;

namespace Fovea.Core.Kernels.Planes;

internal unsafe partial struct PlaneTile
{
    /// <summary>
    /// Windows of 3×3 within a border of one, over four target rows or more, rows of two vectors at most: the source is read where it lies,
    /// and the zeros beside it come from no memory. The vector at one end of every row, or at both. For AVX-512, which moves lanes
    /// from any place to any other, and reads and writes some of them.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public readonly void ThreeInPlace<TEnds>(float* x, nint xRow, float* zeros, float* y, nint yRow, int rows)
        where TEnds : struct, IEnds
    {
        int at = TEnds.HasLeft ? 0 : Columns - Lanes512.Count;
        bool relu = Relu;
        nint done = TEnds.HasLeft ? 0 : (nint)rows * Lanes512.Count;
        float* w = Weights, nextSource = NextSource + done, nextTarget = NextTarget + done;
        Lanes512 bias = Lanes512.Broadcast(Bias), zero = Lanes512.Zero, before = Lanes512.From(-1), behind = Lanes512.From(1), inside = Lanes512.First(Columns);
        Lanes512 w0 = Lanes512.Broadcast(w[0]), w1 = Lanes512.Broadcast(w[1]), w2 = Lanes512.Broadcast(w[2]);
        Lanes512 w3 = Lanes512.Broadcast(w[3]), w4 = Lanes512.Broadcast(w[4]), w5 = Lanes512.Broadcast(w[5]);
        Lanes512 w6 = Lanes512.Broadcast(w[6]), w7 = Lanes512.Broadcast(w[7]), w8 = Lanes512.Broadcast(w[8]);
        for (int row = 0; row < rows; row += Rows)
        {
            int top = Math.Min(row, rows - Rows);
            Lanes512 s0 = bias, s1 = bias, s2 = bias, s3 = bias;
            float* a = (top == 0 ? zeros : x + ((top - 1) * xRow)) + at;
            Lanes512 middle = TEnds.HasLeft && TEnds.HasRight ? Lanes512.Load(a, inside) : Lanes512.Load(a);
            Lanes512 left = TEnds.HasLeft ? Lanes512.Between(middle, zero, before, a) : Lanes512.Load(a - 1);
            Lanes512 right = TEnds.HasRight ? Lanes512.Between(middle, zero, behind, a) : Lanes512.Load(a + 1);
            s0 = Lanes512.MultiplyAdd(left, w0, s0);
            s0 = Lanes512.MultiplyAdd(middle, w1, s0);
            s0 = Lanes512.MultiplyAdd(right, w2, s0);

            a = x + (top * xRow) + at;
            middle = TEnds.HasLeft && TEnds.HasRight ? Lanes512.Load(a, inside) : Lanes512.Load(a);
            left = TEnds.HasLeft ? Lanes512.Between(middle, zero, before, a) : Lanes512.Load(a - 1);
            right = TEnds.HasRight ? Lanes512.Between(middle, zero, behind, a) : Lanes512.Load(a + 1);
            s0 = Lanes512.MultiplyAdd(left, w3, s0);
            s1 = Lanes512.MultiplyAdd(left, w0, s1);
            s0 = Lanes512.MultiplyAdd(middle, w4, s0);
            s1 = Lanes512.MultiplyAdd(middle, w1, s1);
            s0 = Lanes512.MultiplyAdd(right, w5, s0);
            s1 = Lanes512.MultiplyAdd(right, w2, s1);

            a += xRow;
            middle = TEnds.HasLeft && TEnds.HasRight ? Lanes512.Load(a, inside) : Lanes512.Load(a);
            left = TEnds.HasLeft ? Lanes512.Between(middle, zero, before, a) : Lanes512.Load(a - 1);
            right = TEnds.HasRight ? Lanes512.Between(middle, zero, behind, a) : Lanes512.Load(a + 1);
            s0 = Lanes512.MultiplyAdd(left, w6, s0);
            s1 = Lanes512.MultiplyAdd(left, w3, s1);
            s2 = Lanes512.MultiplyAdd(left, w0, s2);
            s0 = Lanes512.MultiplyAdd(middle, w7, s0);
            s1 = Lanes512.MultiplyAdd(middle, w4, s1);
            s2 = Lanes512.MultiplyAdd(middle, w1, s2);
            s0 = Lanes512.MultiplyAdd(right, w8, s0);
            s1 = Lanes512.MultiplyAdd(right, w5, s1);
            s2 = Lanes512.MultiplyAdd(right, w2, s2);

            a += xRow;
            middle = TEnds.HasLeft && TEnds.HasRight ? Lanes512.Load(a, inside) : Lanes512.Load(a);
            left = TEnds.HasLeft ? Lanes512.Between(middle, zero, before, a) : Lanes512.Load(a - 1);
            right = TEnds.HasRight ? Lanes512.Between(middle, zero, behind, a) : Lanes512.Load(a + 1);
            s1 = Lanes512.MultiplyAdd(left, w6, s1);
            s2 = Lanes512.MultiplyAdd(left, w3, s2);
            s3 = Lanes512.MultiplyAdd(left, w0, s3);
            s1 = Lanes512.MultiplyAdd(middle, w7, s1);
            s2 = Lanes512.MultiplyAdd(middle, w4, s2);
            s3 = Lanes512.MultiplyAdd(middle, w1, s3);
            s1 = Lanes512.MultiplyAdd(right, w8, s1);
            s2 = Lanes512.MultiplyAdd(right, w5, s2);
            s3 = Lanes512.MultiplyAdd(right, w2, s3);

            a += xRow;
            middle = TEnds.HasLeft && TEnds.HasRight ? Lanes512.Load(a, inside) : Lanes512.Load(a);
            left = TEnds.HasLeft ? Lanes512.Between(middle, zero, before, a) : Lanes512.Load(a - 1);
            right = TEnds.HasRight ? Lanes512.Between(middle, zero, behind, a) : Lanes512.Load(a + 1);
            s2 = Lanes512.MultiplyAdd(left, w6, s2);
            s3 = Lanes512.MultiplyAdd(left, w3, s3);
            s2 = Lanes512.MultiplyAdd(middle, w7, s2);
            s3 = Lanes512.MultiplyAdd(middle, w4, s3);
            s2 = Lanes512.MultiplyAdd(right, w8, s2);
            s3 = Lanes512.MultiplyAdd(right, w5, s3);

            a = top + Rows == rows ? zeros + at : a + xRow;
            middle = TEnds.HasLeft && TEnds.HasRight ? Lanes512.Load(a, inside) : Lanes512.Load(a);
            left = TEnds.HasLeft ? Lanes512.Between(middle, zero, before, a) : Lanes512.Load(a - 1);
            right = TEnds.HasRight ? Lanes512.Between(middle, zero, behind, a) : Lanes512.Load(a + 1);
            s3 = Lanes512.MultiplyAdd(left, w6, s3);
            s3 = Lanes512.MultiplyAdd(middle, w7, s3);
            s3 = Lanes512.MultiplyAdd(right, w8, s3);

            Ahead.Fetch<Lanes512>(ref nextSource);
            Ahead.Fetch<Lanes512>(ref nextTarget);
            float* to = y + (top * yRow) + at;
            if (relu)
            {
                s0 = Lanes512.Relu(s0);
                s1 = Lanes512.Relu(s1);
                s2 = Lanes512.Relu(s2);
                s3 = Lanes512.Relu(s3);
            }

            if (TEnds.HasLeft && TEnds.HasRight)
            {
                s0.Store(to, inside);
                s1.Store(to + yRow, inside);
                s2.Store(to + (2 * yRow), inside);
                s3.Store(to + (3 * yRow), inside);
            }
            else
            {
                s0.Store(to);
                s1.Store(to + yRow);
                s2.Store(to + (2 * yRow));
                s3.Store(to + (3 * yRow));
            }
        }
    }
}
