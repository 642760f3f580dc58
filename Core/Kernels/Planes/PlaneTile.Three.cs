using System.Runtime.CompilerServices;

namespace Fovea.Core.Kernels.Planes;

internal unsafe partial struct PlaneTile
{
    /// <summary>
    /// Windows of 3×3, whose columns lie in two vectors, four target rows or more: a tile's six source rows are
    /// loaded once for all of its rows, and where there is one source the weights stay in registers.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public readonly void Three<T>(float* x, nint xRow, float* y, nint yRow, int rows)
        where T : struct, ILanes<T>
    {
        nint column = Column;
        int sources = Sources, loaded = -1, columns = Columns;
        bool relu = Relu;
        float* nextSource = NextSource, nextTarget = NextTarget;
        T bias = T.Broadcast(Bias), next = T.From(Column), nextButOne = T.From(2 * Column);
        T w0 = bias, w1 = bias, w2 = bias, w3 = bias, w4 = bias, w5 = bias, w6 = bias, w7 = bias, w8 = bias;
        for (int row = 0; row < rows; row += Rows)
        {
            int top = Math.Min(row, rows - Rows);
            float* from = x + (top * xRow);
            float* to = y + (top * yRow);
            for (int left = 0; left < columns; left += T.Count)
            {
                int at = Math.Min(left, columns - T.Count);
                T s0 = bias, s1 = bias, s2 = bias, s3 = bias;
                for (int source = 0; source < sources; source++)
                {
                    if (source != loaded)
                    {
                        float* w = Weights + (source * 9);
                        w0 = T.Broadcast(w[0]);
                        w1 = T.Broadcast(w[1]);
                        w2 = T.Broadcast(w[2]);
                        w3 = T.Broadcast(w[3]);
                        w4 = T.Broadcast(w[4]);
                        w5 = T.Broadcast(w[5]);
                        w6 = T.Broadcast(w[6]);
                        w7 = T.Broadcast(w[7]);
                        w8 = T.Broadcast(w[8]);
                        loaded = source;
                    }

                    float* a = from + at + ((nint)source * SourceFloats);
                    T low = T.Load(a);
                    T high = T.Load(a + T.Count);
                    s0 = T.MultiplyAdd(low, w0, s0);
                    T v = T.Between(low, high, next, a + column);
                    s0 = T.MultiplyAdd(v, w1, s0);
                    v = T.Between(low, high, nextButOne, a + column + column);
                    s0 = T.MultiplyAdd(v, w2, s0);

                    a += xRow;
                    low = T.Load(a);
                    high = T.Load(a + T.Count);
                    s0 = T.MultiplyAdd(low, w3, s0);
                    s1 = T.MultiplyAdd(low, w0, s1);
                    v = T.Between(low, high, next, a + column);
                    s0 = T.MultiplyAdd(v, w4, s0);
                    s1 = T.MultiplyAdd(v, w1, s1);
                    v = T.Between(low, high, nextButOne, a + column + column);
                    s0 = T.MultiplyAdd(v, w5, s0);
                    s1 = T.MultiplyAdd(v, w2, s1);

                    a += xRow;
                    low = T.Load(a);
                    high = T.Load(a + T.Count);
                    s0 = T.MultiplyAdd(low, w6, s0);
                    s1 = T.MultiplyAdd(low, w3, s1);
                    s2 = T.MultiplyAdd(low, w0, s2);
                    v = T.Between(low, high, next, a + column);
                    s0 = T.MultiplyAdd(v, w7, s0);
                    s1 = T.MultiplyAdd(v, w4, s1);
                    s2 = T.MultiplyAdd(v, w1, s2);
                    v = T.Between(low, high, nextButOne, a + column + column);
                    s0 = T.MultiplyAdd(v, w8, s0);
                    s1 = T.MultiplyAdd(v, w5, s1);
                    s2 = T.MultiplyAdd(v, w2, s2);

                    a += xRow;
                    low = T.Load(a);
                    high = T.Load(a + T.Count);
                    s1 = T.MultiplyAdd(low, w6, s1);
                    s2 = T.MultiplyAdd(low, w3, s2);
                    s3 = T.MultiplyAdd(low, w0, s3);
                    v = T.Between(low, high, next, a + column);
                    s1 = T.MultiplyAdd(v, w7, s1);
                    s2 = T.MultiplyAdd(v, w4, s2);
                    s3 = T.MultiplyAdd(v, w1, s3);
                    v = T.Between(low, high, nextButOne, a + column + column);
                    s1 = T.MultiplyAdd(v, w8, s1);
                    s2 = T.MultiplyAdd(v, w5, s2);
                    s3 = T.MultiplyAdd(v, w2, s3);

                    a += xRow;
                    low = T.Load(a);
                    high = T.Load(a + T.Count);
                    s2 = T.MultiplyAdd(low, w6, s2);
                    s3 = T.MultiplyAdd(low, w3, s3);
                    v = T.Between(low, high, next, a + column);
                    s2 = T.MultiplyAdd(v, w7, s2);
                    s3 = T.MultiplyAdd(v, w4, s3);
                    v = T.Between(low, high, nextButOne, a + column + column);
                    s2 = T.MultiplyAdd(v, w8, s2);
                    s3 = T.MultiplyAdd(v, w5, s3);

                    a += xRow;
                    low = T.Load(a);
                    high = T.Load(a + T.Count);
                    s3 = T.MultiplyAdd(low, w6, s3);
                    v = T.Between(low, high, next, a + column);
                    s3 = T.MultiplyAdd(v, w7, s3);
                    v = T.Between(low, high, nextButOne, a + column + column);
                    s3 = T.MultiplyAdd(v, w8, s3);
                }

                Ahead.Fetch<T>(ref nextSource);
                Ahead.Fetch<T>(ref nextTarget);
                float* end = to + at;
                (relu ? T.Relu(s0) : s0).Store(end);
                (relu ? T.Relu(s1) : s1).Store(end + yRow);
                (relu ? T.Relu(s2) : s2).Store(end + yRow + yRow);
                (relu ? T.Relu(s3) : s3).Store(end + yRow + yRow + yRow);
            }
        }
    }
}
