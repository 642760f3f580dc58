using System.Runtime.CompilerServices;

namespace Fovea.Core.Kernels.Planes;

internal static unsafe partial class PlaneSumTile
{
    /// <summary>
    /// Windows of 3×3 within a border of one, rows of two vectors at most: x is read where it lies, and the zeros beside it come from
    /// no memory. The vector at one end of every row, or at both. For AVX-512, as <see cref="PlaneTile.ThreeInPlace"/>.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void ThreeInPlace<TEnds>(float* x, float* zeros, float* dy, int rows, int columns, float* sums, float* nextX, float* nextDy)
        where TEnds : struct, IEnds
    {
        int at = TEnds.HasLeft ? 0 : columns - Lanes512.Count;
        Lanes512 zero = Lanes512.Zero, before = Lanes512.From(-1), behind = Lanes512.From(1), inside = Lanes512.First(columns);
        Lanes512 s0 = Lanes512.Load(sums);
        Lanes512 s1 = Lanes512.Load(sums + 16);
        Lanes512 s2 = Lanes512.Load(sums + 32);
        Lanes512 s3 = Lanes512.Load(sums + 48);
        Lanes512 s4 = Lanes512.Load(sums + 64);
        Lanes512 s5 = Lanes512.Load(sums + 80);
        Lanes512 s6 = Lanes512.Load(sums + 96);
        Lanes512 s7 = Lanes512.Load(sums + 112);
        Lanes512 s8 = Lanes512.Load(sums + 128);
        float* g = dy + at;
        int row = 0;
        for (; row + Rows <= rows; row += Rows)
        {
            Lanes512 d0 = TEnds.HasLeft && TEnds.HasRight ? Lanes512.Load(g, inside) : Lanes512.Load(g);
            Lanes512 d1 = TEnds.HasLeft && TEnds.HasRight ? Lanes512.Load(g + columns, inside) : Lanes512.Load(g + columns);
            Lanes512 d2 = TEnds.HasLeft && TEnds.HasRight ? Lanes512.Load(g + columns + columns, inside) : Lanes512.Load(g + columns + columns);
            Lanes512 d3 = TEnds.HasLeft && TEnds.HasRight ? Lanes512.Load(g + columns + columns + columns, inside) : Lanes512.Load(g + columns + columns + columns);

            float* a = (row == 0 ? zeros : x - columns) + at;
            Lanes512 middle = TEnds.HasLeft && TEnds.HasRight ? Lanes512.Load(a, inside) : Lanes512.Load(a);
            Lanes512 left = TEnds.HasLeft ? Lanes512.Between(middle, zero, before, a) : Lanes512.Load(a - 1);
            Lanes512 right = TEnds.HasRight ? Lanes512.Between(middle, zero, behind, a) : Lanes512.Load(a + 1);
            s0 = Lanes512.MultiplyAdd(left, d0, s0);
            s1 = Lanes512.MultiplyAdd(middle, d0, s1);
            s2 = Lanes512.MultiplyAdd(right, d0, s2);

            a = x + at;
            middle = TEnds.HasLeft && TEnds.HasRight ? Lanes512.Load(a, inside) : Lanes512.Load(a);
            left = TEnds.HasLeft ? Lanes512.Between(middle, zero, before, a) : Lanes512.Load(a - 1);
            right = TEnds.HasRight ? Lanes512.Between(middle, zero, behind, a) : Lanes512.Load(a + 1);
            s3 = Lanes512.MultiplyAdd(left, d0, s3);
            s0 = Lanes512.MultiplyAdd(left, d1, s0);
            s4 = Lanes512.MultiplyAdd(middle, d0, s4);
            s1 = Lanes512.MultiplyAdd(middle, d1, s1);
            s5 = Lanes512.MultiplyAdd(right, d0, s5);
            s2 = Lanes512.MultiplyAdd(right, d1, s2);

            a += columns;
            middle = TEnds.HasLeft && TEnds.HasRight ? Lanes512.Load(a, inside) : Lanes512.Load(a);
            left = TEnds.HasLeft ? Lanes512.Between(middle, zero, before, a) : Lanes512.Load(a - 1);
            right = TEnds.HasRight ? Lanes512.Between(middle, zero, behind, a) : Lanes512.Load(a + 1);
            s6 = Lanes512.MultiplyAdd(left, d0, s6);
            s3 = Lanes512.MultiplyAdd(left, d1, s3);
            s0 = Lanes512.MultiplyAdd(left, d2, s0);
            s7 = Lanes512.MultiplyAdd(middle, d0, s7);
            s4 = Lanes512.MultiplyAdd(middle, d1, s4);
            s1 = Lanes512.MultiplyAdd(middle, d2, s1);
            s8 = Lanes512.MultiplyAdd(right, d0, s8);
            s5 = Lanes512.MultiplyAdd(right, d1, s5);
            s2 = Lanes512.MultiplyAdd(right, d2, s2);

            a += columns;
            middle = TEnds.HasLeft && TEnds.HasRight ? Lanes512.Load(a, inside) : Lanes512.Load(a);
            left = TEnds.HasLeft ? Lanes512.Between(middle, zero, before, a) : Lanes512.Load(a - 1);
            right = TEnds.HasRight ? Lanes512.Between(middle, zero, behind, a) : Lanes512.Load(a + 1);
            s6 = Lanes512.MultiplyAdd(left, d1, s6);
            s3 = Lanes512.MultiplyAdd(left, d2, s3);
            s0 = Lanes512.MultiplyAdd(left, d3, s0);
            s7 = Lanes512.MultiplyAdd(middle, d1, s7);
            s4 = Lanes512.MultiplyAdd(middle, d2, s4);
            s1 = Lanes512.MultiplyAdd(middle, d3, s1);
            s8 = Lanes512.MultiplyAdd(right, d1, s8);
            s5 = Lanes512.MultiplyAdd(right, d2, s5);
            s2 = Lanes512.MultiplyAdd(right, d3, s2);

            a += columns;
            middle = TEnds.HasLeft && TEnds.HasRight ? Lanes512.Load(a, inside) : Lanes512.Load(a);
            left = TEnds.HasLeft ? Lanes512.Between(middle, zero, before, a) : Lanes512.Load(a - 1);
            right = TEnds.HasRight ? Lanes512.Between(middle, zero, behind, a) : Lanes512.Load(a + 1);
            s6 = Lanes512.MultiplyAdd(left, d2, s6);
            s3 = Lanes512.MultiplyAdd(left, d3, s3);
            s7 = Lanes512.MultiplyAdd(middle, d2, s7);
            s4 = Lanes512.MultiplyAdd(middle, d3, s4);
            s8 = Lanes512.MultiplyAdd(right, d2, s8);
            s5 = Lanes512.MultiplyAdd(right, d3, s5);

            a = row + Rows == rows ? zeros + at : a + columns;
            middle = TEnds.HasLeft && TEnds.HasRight ? Lanes512.Load(a, inside) : Lanes512.Load(a);
            left = TEnds.HasLeft ? Lanes512.Between(middle, zero, before, a) : Lanes512.Load(a - 1);
            right = TEnds.HasRight ? Lanes512.Between(middle, zero, behind, a) : Lanes512.Load(a + 1);
            s6 = Lanes512.MultiplyAdd(left, d3, s6);
            s7 = Lanes512.MultiplyAdd(middle, d3, s7);
            s8 = Lanes512.MultiplyAdd(right, d3, s8);

            Ahead.Fetch<Lanes512>(ref nextX);
            Ahead.Fetch<Lanes512>(ref nextDy);
            x += Rows * columns;
            g += Rows * columns;
        }

        for (; row < rows; row++)
        {
            Lanes512 d = TEnds.HasLeft && TEnds.HasRight ? Lanes512.Load(g, inside) : Lanes512.Load(g);
            float* a = (row == 0 ? zeros : x - columns) + at;
            Lanes512 middle = TEnds.HasLeft && TEnds.HasRight ? Lanes512.Load(a, inside) : Lanes512.Load(a);
            Lanes512 left = TEnds.HasLeft ? Lanes512.Between(middle, zero, before, a) : Lanes512.Load(a - 1);
            Lanes512 right = TEnds.HasRight ? Lanes512.Between(middle, zero, behind, a) : Lanes512.Load(a + 1);
            s0 = Lanes512.MultiplyAdd(left, d, s0);
            s1 = Lanes512.MultiplyAdd(middle, d, s1);
            s2 = Lanes512.MultiplyAdd(right, d, s2);

            a = x + at;
            middle = TEnds.HasLeft && TEnds.HasRight ? Lanes512.Load(a, inside) : Lanes512.Load(a);
            left = TEnds.HasLeft ? Lanes512.Between(middle, zero, before, a) : Lanes512.Load(a - 1);
            right = TEnds.HasRight ? Lanes512.Between(middle, zero, behind, a) : Lanes512.Load(a + 1);
            s3 = Lanes512.MultiplyAdd(left, d, s3);
            s4 = Lanes512.MultiplyAdd(middle, d, s4);
            s5 = Lanes512.MultiplyAdd(right, d, s5);

            a = row + 1 == rows ? zeros + at : a + columns;
            middle = TEnds.HasLeft && TEnds.HasRight ? Lanes512.Load(a, inside) : Lanes512.Load(a);
            left = TEnds.HasLeft ? Lanes512.Between(middle, zero, before, a) : Lanes512.Load(a - 1);
            right = TEnds.HasRight ? Lanes512.Between(middle, zero, behind, a) : Lanes512.Load(a + 1);
            s6 = Lanes512.MultiplyAdd(left, d, s6);
            s7 = Lanes512.MultiplyAdd(middle, d, s7);
            s8 = Lanes512.MultiplyAdd(right, d, s8);

            x += columns;
            g += columns;
        }

        (s0 & inside).Store(sums);
        (s1 & inside).Store(sums + 16);
        (s2 & inside).Store(sums + 32);
        (s3 & inside).Store(sums + 48);
        (s4 & inside).Store(sums + 64);
        (s5 & inside).Store(sums + 80);
        (s6 & inside).Store(sums + 96);
        (s7 & inside).Store(sums + 112);
        (s8 & inside).Store(sums + 128);
    }
}
