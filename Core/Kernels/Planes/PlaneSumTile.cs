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
    /// Windows of 3×3 within a border of one, rows of more than one vector and two at most: x is read where it lies, and the zeros
    /// beside it come from no memory. The vector at one end of every row.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void ThreeInPlace<T, TSide>(float* x, float* zeros, float* dy, int rows, int columns, float* sums, float* nextX, float* nextDy)
        where T : struct, ILanes<T>
        where TSide : struct, ISide
    {
        int at = TSide.IsLeft ? 0 : columns - T.Count;
        T zero = T.Zero, beside = T.From(TSide.IsLeft ? -1 : 1);
        T s0 = T.Load(sums);
        T s1 = T.Load(sums + 16);
        T s2 = T.Load(sums + 32);
        T s3 = T.Load(sums + 48);
        T s4 = T.Load(sums + 64);
        T s5 = T.Load(sums + 80);
        T s6 = T.Load(sums + 96);
        T s7 = T.Load(sums + 112);
        T s8 = T.Load(sums + 128);
        float* g = dy + at;
        int row = 0;
        for (; row + Rows <= rows; row += Rows)
        {
            T d0 = T.Load(g);
            T d1 = T.Load(g + columns);
            T d2 = T.Load(g + columns + columns);
            T d3 = T.Load(g + columns + columns + columns);

            float* a = (row == 0 ? zeros : x - columns) + at;
            T middle = T.Load(a);
            T left = TSide.IsLeft ? T.Between(middle, zero, beside, a) : T.Load(a - 1);
            T right = TSide.IsLeft ? T.Load(a + 1) : T.Between(middle, zero, beside, a);
            s0 = T.MultiplyAdd(left, d0, s0);
            s1 = T.MultiplyAdd(middle, d0, s1);
            s2 = T.MultiplyAdd(right, d0, s2);

            a = x + at;
            middle = T.Load(a);
            left = TSide.IsLeft ? T.Between(middle, zero, beside, a) : T.Load(a - 1);
            right = TSide.IsLeft ? T.Load(a + 1) : T.Between(middle, zero, beside, a);
            s3 = T.MultiplyAdd(left, d0, s3);
            s0 = T.MultiplyAdd(left, d1, s0);
            s4 = T.MultiplyAdd(middle, d0, s4);
            s1 = T.MultiplyAdd(middle, d1, s1);
            s5 = T.MultiplyAdd(right, d0, s5);
            s2 = T.MultiplyAdd(right, d1, s2);

            a += columns;
            middle = T.Load(a);
            left = TSide.IsLeft ? T.Between(middle, zero, beside, a) : T.Load(a - 1);
            right = TSide.IsLeft ? T.Load(a + 1) : T.Between(middle, zero, beside, a);
            s6 = T.MultiplyAdd(left, d0, s6);
            s3 = T.MultiplyAdd(left, d1, s3);
            s0 = T.MultiplyAdd(left, d2, s0);
            s7 = T.MultiplyAdd(middle, d0, s7);
            s4 = T.MultiplyAdd(middle, d1, s4);
            s1 = T.MultiplyAdd(middle, d2, s1);
            s8 = T.MultiplyAdd(right, d0, s8);
            s5 = T.MultiplyAdd(right, d1, s5);
            s2 = T.MultiplyAdd(right, d2, s2);

            a += columns;
            middle = T.Load(a);
            left = TSide.IsLeft ? T.Between(middle, zero, beside, a) : T.Load(a - 1);
            right = TSide.IsLeft ? T.Load(a + 1) : T.Between(middle, zero, beside, a);
            s6 = T.MultiplyAdd(left, d1, s6);
            s3 = T.MultiplyAdd(left, d2, s3);
            s0 = T.MultiplyAdd(left, d3, s0);
            s7 = T.MultiplyAdd(middle, d1, s7);
            s4 = T.MultiplyAdd(middle, d2, s4);
            s1 = T.MultiplyAdd(middle, d3, s1);
            s8 = T.MultiplyAdd(right, d1, s8);
            s5 = T.MultiplyAdd(right, d2, s5);
            s2 = T.MultiplyAdd(right, d3, s2);

            a += columns;
            middle = T.Load(a);
            left = TSide.IsLeft ? T.Between(middle, zero, beside, a) : T.Load(a - 1);
            right = TSide.IsLeft ? T.Load(a + 1) : T.Between(middle, zero, beside, a);
            s6 = T.MultiplyAdd(left, d2, s6);
            s3 = T.MultiplyAdd(left, d3, s3);
            s7 = T.MultiplyAdd(middle, d2, s7);
            s4 = T.MultiplyAdd(middle, d3, s4);
            s8 = T.MultiplyAdd(right, d2, s8);
            s5 = T.MultiplyAdd(right, d3, s5);

            a = row + Rows == rows ? zeros + at : a + columns;
            middle = T.Load(a);
            left = TSide.IsLeft ? T.Between(middle, zero, beside, a) : T.Load(a - 1);
            right = TSide.IsLeft ? T.Load(a + 1) : T.Between(middle, zero, beside, a);
            s6 = T.MultiplyAdd(left, d3, s6);
            s7 = T.MultiplyAdd(middle, d3, s7);
            s8 = T.MultiplyAdd(right, d3, s8);

            Ahead.Fetch<T>(ref nextX);
            Ahead.Fetch<T>(ref nextDy);
            x += Rows * columns;
            g += Rows * columns;
        }

        for (; row < rows; row++)
        {
            T d = T.Load(g);
            float* a = (row == 0 ? zeros : x - columns) + at;
            T middle = T.Load(a);
            T left = TSide.IsLeft ? T.Between(middle, zero, beside, a) : T.Load(a - 1);
            T right = TSide.IsLeft ? T.Load(a + 1) : T.Between(middle, zero, beside, a);
            s0 = T.MultiplyAdd(left, d, s0);
            s1 = T.MultiplyAdd(middle, d, s1);
            s2 = T.MultiplyAdd(right, d, s2);

            a = x + at;
            middle = T.Load(a);
            left = TSide.IsLeft ? T.Between(middle, zero, beside, a) : T.Load(a - 1);
            right = TSide.IsLeft ? T.Load(a + 1) : T.Between(middle, zero, beside, a);
            s3 = T.MultiplyAdd(left, d, s3);
            s4 = T.MultiplyAdd(middle, d, s4);
            s5 = T.MultiplyAdd(right, d, s5);

            a = row + 1 == rows ? zeros + at : a + columns;
            middle = T.Load(a);
            left = TSide.IsLeft ? T.Between(middle, zero, beside, a) : T.Load(a - 1);
            right = TSide.IsLeft ? T.Load(a + 1) : T.Between(middle, zero, beside, a);
            s6 = T.MultiplyAdd(left, d, s6);
            s7 = T.MultiplyAdd(middle, d, s7);
            s8 = T.MultiplyAdd(right, d, s8);

            x += columns;
            g += columns;
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
