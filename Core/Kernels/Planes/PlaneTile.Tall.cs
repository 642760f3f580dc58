using System.Runtime.CompilerServices;
using Fovea.Core.Shapes;

namespace Fovea.Core.Kernels.Planes;

internal unsafe partial struct PlaneTile
{
    /// <summary>
    /// Windows of four rows or more, whose columns lie in two vectors, over four target rows or more, in tiles of two vectors of
    /// columns: a source row is loaded once for all rows of the tile that read it, from one at the tile's top to four in its middle.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public readonly void Tall<T>(float* x, nint xRow, float* y, nint yRow, int rows)
        where T : struct, ILanes<T>
    {
        nint taps = Window, column = Column, plane = SourceFloats, beyond = WindowRows * taps;
        int columns = Columns, sources = Sources;
        bool relu = Relu;
        float* lanes = Lanes, weights = Weights, nextSource = NextSource, nextTarget = NextTarget;
        T bias = T.Broadcast(Bias);
        for (int row = 0; row < rows; row += Rows)
        {
            int top = Math.Min(row, rows - Rows);
            for (int left = 0; left < columns; left += 2 * T.Count)
            {
                int at = Math.Max(0, Math.Min(left, columns - (2 * T.Count)));
                nint right = Math.Min(T.Count, columns - T.Count - at);
                T s0 = bias, s1 = bias, s2 = bias, s3 = bias, t0 = bias, t1 = bias, t2 = bias, t3 = bias;
                float* w = weights;
                float* from = x + (top * xRow) + at;
                for (int source = 0; source < sources; source++)
                {
                    float* a = from;
                    float* end = w + beyond;
                    One(a, right, column, lanes, w, taps, ref s0, ref t0);
                    w += taps;
                    a += xRow;
                    Two(a, right, column, lanes, w, taps, ref s0, ref t0, ref s1, ref t1);
                    w += taps;
                    a += xRow;
                    Three(a, right, column, lanes, w, taps, ref s0, ref t0, ref s1, ref t1, ref s2, ref t2);
                    for (w += taps; w < end; w += taps)
                    {
                        a += xRow;
                        Four(a, right, column, lanes, w, taps, ref s0, ref t0, ref s1, ref t1, ref s2, ref t2, ref s3, ref t3);
                    }

                    a += xRow;
                    Three(a, right, column, lanes, end - taps, taps, ref s1, ref t1, ref s2, ref t2, ref s3, ref t3);
                    a += xRow;
                    Two(a, right, column, lanes, end - taps, taps, ref s2, ref t2, ref s3, ref t3);
                    a += xRow;
                    One(a, right, column, lanes, end - taps, taps, ref s3, ref t3);
                    from += plane;
                }

                Ahead.Fetch<T>(ref nextSource);
                Ahead.Fetch<T>(ref nextSource);
                Ahead.Fetch<T>(ref nextTarget);
                Ahead.Fetch<T>(ref nextTarget);
                float* to = y + (top * yRow) + at;
                (relu ? T.Relu(s0) : s0).Store(to);
                (relu ? T.Relu(s1) : s1).Store(to + yRow);
                (relu ? T.Relu(s2) : s2).Store(to + (2 * yRow));
                (relu ? T.Relu(s3) : s3).Store(to + (3 * yRow));
                to += right;
                (relu ? T.Relu(t0) : t0).Store(to);
                (relu ? T.Relu(t1) : t1).Store(to + yRow);
                (relu ? T.Relu(t2) : t2).Store(to + (2 * yRow));
                (relu ? T.Relu(t3) : t3).Store(to + (3 * yRow));
            }
        }
    }

    // A source row for one to four target rows: the first is at the window's row whose weights are given, the next at the one above.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void One<T>(float* a, nint right, nint column, float* lanes, float* w, nint taps, ref T s0, ref T t0)
        where T : struct, ILanes<T>
    {
        T low = T.Load(a), high = T.Load(a + T.Count), low2 = T.Load(a + right), high2 = T.Load(a + right + T.Count);
        for (nint i = 0; i < taps; i++)
        {
            T from = T.Load(lanes + (i * Blocks.Width));
            T v = T.Between(low, high, from, a);
            T v2 = T.Between(low2, high2, from, a + right);
            T weight = T.Broadcast(w[i]);
            s0 = T.MultiplyAdd(v, weight, s0);
            t0 = T.MultiplyAdd(v2, weight, t0);
            a += column;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Two<T>(float* a, nint right, nint column, float* lanes, float* w, nint taps, ref T s0, ref T t0, ref T s1, ref T t1)
        where T : struct, ILanes<T>
    {
        T low = T.Load(a), high = T.Load(a + T.Count), low2 = T.Load(a + right), high2 = T.Load(a + right + T.Count);
        float* w1 = w - taps;
        for (nint i = 0; i < taps; i++)
        {
            T from = T.Load(lanes + (i * Blocks.Width));
            T v = T.Between(low, high, from, a);
            T v2 = T.Between(low2, high2, from, a + right);
            T weight = T.Broadcast(w[i]);
            s0 = T.MultiplyAdd(v, weight, s0);
            t0 = T.MultiplyAdd(v2, weight, t0);
            weight = T.Broadcast(w1[i]);
            s1 = T.MultiplyAdd(v, weight, s1);
            t1 = T.MultiplyAdd(v2, weight, t1);
            a += column;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Three<T>(float* a, nint right, nint column, float* lanes, float* w, nint taps, ref T s0, ref T t0, ref T s1, ref T t1, ref T s2, ref T t2)
        where T : struct, ILanes<T>
    {
        T low = T.Load(a), high = T.Load(a + T.Count), low2 = T.Load(a + right), high2 = T.Load(a + right + T.Count);
        float* w1 = w - taps;
        float* w2 = w1 - taps;
        for (nint i = 0; i < taps; i++)
        {
            T from = T.Load(lanes + (i * Blocks.Width));
            T v = T.Between(low, high, from, a);
            T v2 = T.Between(low2, high2, from, a + right);
            T weight = T.Broadcast(w[i]);
            s0 = T.MultiplyAdd(v, weight, s0);
            t0 = T.MultiplyAdd(v2, weight, t0);
            weight = T.Broadcast(w1[i]);
            s1 = T.MultiplyAdd(v, weight, s1);
            t1 = T.MultiplyAdd(v2, weight, t1);
            weight = T.Broadcast(w2[i]);
            s2 = T.MultiplyAdd(v, weight, s2);
            t2 = T.MultiplyAdd(v2, weight, t2);
            a += column;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Four<T>(float* a, nint right, nint column, float* lanes, float* w, nint taps, ref T s0, ref T t0, ref T s1, ref T t1, ref T s2, ref T t2, ref T s3, ref T t3)
        where T : struct, ILanes<T>
    {
        T low = T.Load(a), high = T.Load(a + T.Count), low2 = T.Load(a + right), high2 = T.Load(a + right + T.Count);
        float* w1 = w - taps;
        float* w2 = w1 - taps;
        float* w3 = w2 - taps;
        for (nint i = 0; i < taps; i++)
        {
            T from = T.Load(lanes + (i * Blocks.Width));
            T v = T.Between(low, high, from, a);
            T v2 = T.Between(low2, high2, from, a + right);
            T weight = T.Broadcast(w[i]);
            s0 = T.MultiplyAdd(v, weight, s0);
            t0 = T.MultiplyAdd(v2, weight, t0);
            weight = T.Broadcast(w1[i]);
            s1 = T.MultiplyAdd(v, weight, s1);
            t1 = T.MultiplyAdd(v2, weight, t1);
            weight = T.Broadcast(w2[i]);
            s2 = T.MultiplyAdd(v, weight, s2);
            t2 = T.MultiplyAdd(v2, weight, t2);
            weight = T.Broadcast(w3[i]);
            s3 = T.MultiplyAdd(v, weight, s3);
            t3 = T.MultiplyAdd(v2, weight, t3);
            a += column;
        }
    }
}
