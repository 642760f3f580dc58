using System.Runtime.CompilerServices;

namespace Fovea.Core.Kernels.Planes;

internal static unsafe partial class PlaneSumTile
{
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
}
