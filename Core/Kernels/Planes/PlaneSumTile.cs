using System.Runtime.CompilerServices;

namespace Fovea.Core.Kernels.Planes;

/// <summary>Adds the products of bordered source rows and gradient rows to sums, a vector for each tap of the window.</summary>
[SkipLocalsInit]
internal static unsafe class PlaneSumTile
{
    /// <summary>Rows whose loads of sources are shared.</summary>
    public const int Rows = 4;

    /// <summary>Taps that one walk over the pixels sums.</summary>
    public const int Taps = 8;

    /// <summary>
    /// Windows of 3×3, whose columns lie in two vectors: all taps at once, four rows at a time, then the
    /// others one by one; what comes next is fetched meanwhile.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Three<T>(float* x, nint xRow, nint column, float* dy, nint dyRow, int rows, int columns, float* sums, float* nextX, float* nextDy)
        where T : struct, ILanes<T>
    {
        T s0 = T.Load(sums);
        T s1 = T.Load(sums + 16);
        T s2 = T.Load(sums + 32);
        T s3 = T.Load(sums + 48);
        T s4 = T.Load(sums + 64);
        T s5 = T.Load(sums + 80);
        T s6 = T.Load(sums + 96);
        T s7 = T.Load(sums + 112);
        T s8 = T.Load(sums + 128);
        T next = T.From((int)column), nextButOne = T.From(2 * (int)column);
        int row = 0;
        for (; row + Rows <= rows; row += Rows)
        {
            for (int left = 0; left < columns; left += T.Count)
            {
                float* a = x + left;
                float* g = dy + left;
                T d0 = T.Load(g);
                T d1 = T.Load(g + dyRow);
                T d2 = T.Load(g + dyRow + dyRow);
                T d3 = T.Load(g + dyRow + dyRow + dyRow);

                T low = T.Load(a);
                T high = T.Load(a + T.Count);
                s0 = T.MultiplyAdd(low, d0, s0);
                T v = T.Between(low, high, next, a + column);
                s1 = T.MultiplyAdd(v, d0, s1);
                v = T.Between(low, high, nextButOne, a + column + column);
                s2 = T.MultiplyAdd(v, d0, s2);

                a += xRow;
                low = T.Load(a);
                high = T.Load(a + T.Count);
                s3 = T.MultiplyAdd(low, d0, s3);
                s0 = T.MultiplyAdd(low, d1, s0);
                v = T.Between(low, high, next, a + column);
                s4 = T.MultiplyAdd(v, d0, s4);
                s1 = T.MultiplyAdd(v, d1, s1);
                v = T.Between(low, high, nextButOne, a + column + column);
                s5 = T.MultiplyAdd(v, d0, s5);
                s2 = T.MultiplyAdd(v, d1, s2);

                a += xRow;
                low = T.Load(a);
                high = T.Load(a + T.Count);
                s6 = T.MultiplyAdd(low, d0, s6);
                s3 = T.MultiplyAdd(low, d1, s3);
                s0 = T.MultiplyAdd(low, d2, s0);
                v = T.Between(low, high, next, a + column);
                s7 = T.MultiplyAdd(v, d0, s7);
                s4 = T.MultiplyAdd(v, d1, s4);
                s1 = T.MultiplyAdd(v, d2, s1);
                v = T.Between(low, high, nextButOne, a + column + column);
                s8 = T.MultiplyAdd(v, d0, s8);
                s5 = T.MultiplyAdd(v, d1, s5);
                s2 = T.MultiplyAdd(v, d2, s2);

                a += xRow;
                low = T.Load(a);
                high = T.Load(a + T.Count);
                s6 = T.MultiplyAdd(low, d1, s6);
                s3 = T.MultiplyAdd(low, d2, s3);
                s0 = T.MultiplyAdd(low, d3, s0);
                v = T.Between(low, high, next, a + column);
                s7 = T.MultiplyAdd(v, d1, s7);
                s4 = T.MultiplyAdd(v, d2, s4);
                s1 = T.MultiplyAdd(v, d3, s1);
                v = T.Between(low, high, nextButOne, a + column + column);
                s8 = T.MultiplyAdd(v, d1, s8);
                s5 = T.MultiplyAdd(v, d2, s5);
                s2 = T.MultiplyAdd(v, d3, s2);

                a += xRow;
                low = T.Load(a);
                high = T.Load(a + T.Count);
                s6 = T.MultiplyAdd(low, d2, s6);
                s3 = T.MultiplyAdd(low, d3, s3);
                v = T.Between(low, high, next, a + column);
                s7 = T.MultiplyAdd(v, d2, s7);
                s4 = T.MultiplyAdd(v, d3, s4);
                v = T.Between(low, high, nextButOne, a + column + column);
                s8 = T.MultiplyAdd(v, d2, s8);
                s5 = T.MultiplyAdd(v, d3, s5);

                a += xRow;
                low = T.Load(a);
                high = T.Load(a + T.Count);
                s6 = T.MultiplyAdd(low, d3, s6);
                v = T.Between(low, high, next, a + column);
                s7 = T.MultiplyAdd(v, d3, s7);
                v = T.Between(low, high, nextButOne, a + column + column);
                s8 = T.MultiplyAdd(v, d3, s8);

                Ahead.Fetch<T>(ref nextX);
                Ahead.Fetch<T>(ref nextDy);
            }

            x += Rows * xRow;
            dy += Rows * dyRow;
        }

        for (; row < rows; row++)
        {
            for (int left = 0; left < columns; left += T.Count)
            {
                float* a = x + left;
                T d = T.Load(dy + left);
                s0 = T.MultiplyAdd(T.Load(a), d, s0);
                s1 = T.MultiplyAdd(T.Load(a + column), d, s1);
                s2 = T.MultiplyAdd(T.Load(a + column + column), d, s2);
                a += xRow;
                s3 = T.MultiplyAdd(T.Load(a), d, s3);
                s4 = T.MultiplyAdd(T.Load(a + column), d, s4);
                s5 = T.MultiplyAdd(T.Load(a + column + column), d, s5);
                a += xRow;
                s6 = T.MultiplyAdd(T.Load(a), d, s6);
                s7 = T.MultiplyAdd(T.Load(a + column), d, s7);
                s8 = T.MultiplyAdd(T.Load(a + column + column), d, s8);
            }

            x += xRow;
            dy += dyRow;
        }

        s0.Store(sums);
        s1.Store(sums + 16);
        s2.Store(sums + 32);
        s3.Store(sums + 48);
        s4.Store(sums + 64);
        s5.Store(sums + 80);
        s6.Store(sums + 96);
        s7.Store(sums + 112);
        s8.Store(sums + 128);
    }

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

    /// <summary>Eight taps of any window.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Any<T>(float* x, nint xRow, int* offsets, float* dy, nint dyRow, int rows, int columns, float* sums)
        where T : struct, ILanes<T>
    {
        T s0 = T.Load(sums);
        T s1 = T.Load(sums + 16);
        T s2 = T.Load(sums + 32);
        T s3 = T.Load(sums + 48);
        T s4 = T.Load(sums + 64);
        T s5 = T.Load(sums + 80);
        T s6 = T.Load(sums + 96);
        T s7 = T.Load(sums + 112);
        nint o0 = offsets[0], o1 = offsets[1], o2 = offsets[2], o3 = offsets[3], o4 = offsets[4], o5 = offsets[5], o6 = offsets[6], o7 = offsets[7];
        for (int row = 0; row < rows; row++)
        {
            for (int left = 0; left < columns; left += T.Count)
            {
                float* a = x + left;
                T d = T.Load(dy + left);
                s0 = T.MultiplyAdd(T.Load(a + o0), d, s0);
                s1 = T.MultiplyAdd(T.Load(a + o1), d, s1);
                s2 = T.MultiplyAdd(T.Load(a + o2), d, s2);
                s3 = T.MultiplyAdd(T.Load(a + o3), d, s3);
                s4 = T.MultiplyAdd(T.Load(a + o4), d, s4);
                s5 = T.MultiplyAdd(T.Load(a + o5), d, s5);
                s6 = T.MultiplyAdd(T.Load(a + o6), d, s6);
                s7 = T.MultiplyAdd(T.Load(a + o7), d, s7);
            }

            x += xRow;
            dy += dyRow;
        }

        s0.Store(sums);
        s1.Store(sums + 16);
        s2.Store(sums + 32);
        s3.Store(sums + 48);
        s4.Store(sums + 64);
        s5.Store(sums + 80);
        s6.Store(sums + 96);
        s7.Store(sums + 112);
    }
}
