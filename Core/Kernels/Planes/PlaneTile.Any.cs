using System.Runtime.CompilerServices;

namespace Fovea.Core.Kernels.Planes;

internal unsafe partial struct PlaneTile
{
    /// <summary>Any window and any number of rows: four vectors at a time, below or beside each other.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public readonly void Any<T>(float* x, nint xRow, float* y, nint yRow, int rows)
        where T : struct, ILanes<T>
    {
        if (rows >= Rows)
        {
            for (int row = 0; row < rows; row += Rows)
            {
                int top = Math.Min(row, rows - Rows);
                for (int left = 0; left < Columns; left += T.Count)
                {
                    int at = Math.Min(left, Columns - T.Count);
                    ListOfFour<T>(x + (top * xRow) + at, xRow, y + (top * yRow) + at, yRow);
                }
            }

            return;
        }

        for (int row = 0; row < rows; row++)
        {
            int left = 0;
            for (; left + (4 * T.Count) <= Columns; left += 4 * T.Count)
            {
                ListOfFour<T>(x + (row * xRow) + left, T.Count, y + (row * yRow) + left, T.Count);
            }

            for (; left < Columns; left += T.Count)
            {
                int at = Math.Min(left, Columns - T.Count);
                ListOfOne<T>(x + (row * xRow) + at, y + (row * yRow) + at);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private readonly void ListOfFour<T>(float* x, nint xStep, float* y, nint yStep)
        where T : struct, ILanes<T>
    {
        T s0 = T.Broadcast(Bias);
        T s1 = s0, s2 = s0, s3 = s0;
        int* offsets = Offsets;
        int* last = offsets + Count;
        float* w = Weights;
        while (offsets < last)
        {
            float* a = x + *offsets++;
            T weight = T.Broadcast(*w);
            w++;
            s0 = T.MultiplyAdd(T.Load(a), weight, s0);
            s1 = T.MultiplyAdd(T.Load(a + xStep), weight, s1);
            a += 2 * xStep;
            s2 = T.MultiplyAdd(T.Load(a), weight, s2);
            s3 = T.MultiplyAdd(T.Load(a + xStep), weight, s3);
        }

        (Relu ? T.Relu(s0) : s0).Store(y);
        (Relu ? T.Relu(s1) : s1).Store(y + yStep);
        (Relu ? T.Relu(s2) : s2).Store(y + (2 * yStep));
        (Relu ? T.Relu(s3) : s3).Store(y + (3 * yStep));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private readonly void ListOfOne<T>(float* x, float* y)
        where T : struct, ILanes<T>
    {
        T sum = T.Broadcast(Bias);
        for (int i = 0; i < Count; i++)
        {
            sum = T.MultiplyAdd(T.Load(x + Offsets[i]), T.Broadcast(Weights[i]), sum);
        }

        (Relu ? T.Relu(sum) : sum).Store(y);
    }
}
