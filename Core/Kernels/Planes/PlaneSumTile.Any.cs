using System.Runtime.CompilerServices;

namespace Fovea.Core.Kernels.Planes;

internal static unsafe partial class PlaneSumTile
{
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
