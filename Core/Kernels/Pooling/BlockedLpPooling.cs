using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Fovea.Core.Shapes;

namespace Fovea.Core.Kernels.Pooling;

// x   H × W × 16     one block of sixteen channels of one image
// y   P × Q × 16

/// <summary>Pooling of blocks by the p-norm.</summary>
internal static unsafe class BlockedLpPooling
{
    /// <summary>y of one block: the root of the window's sum of powers, brought to a full window's.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Forward<TNorm>(in PoolShape s, TNorm norm, float* x, float* y)
        where TNorm : struct, IPNorm
    {
        for (int p = 0; p < s.P; p++)
        {
            for (int q = 0; q < s.Q; q++)
            {
                Vector512<float> sum = Vector512<float>.Zero;
                int count = 0;
                for (int r = 0; r < s.R; r++)
                {
                    for (int t = 0; t < s.S; t++)
                    {
                        long i = BlockedAveragePooling.Input(s, p, q, r, t);
                        if (i >= 0)
                        {
                            sum += norm.Power(Vector512.Load(x + i));
                            count++;
                        }
                    }
                }

                norm.Root(sum * Share(s, count)).Store(y + ((((long)p * s.Q) + q) * Blocks.Width));
            }
        }
    }

    /// <summary>dx of one block, every element written: dy · (x/y)^(p−1), by the same share.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Backward<TNorm>(in PoolShape s, TNorm norm, float* x, float* y, float* dy, float* dx)
        where TNorm : struct, IPNorm
    {
        new Span<float>(dx, s.H * s.W * Blocks.Width).Clear();
        for (int p = 0; p < s.P; p++)
        {
            int rows = Inside(s.Vertical, p, s.H);
            for (int q = 0; q < s.Q; q++)
            {
                long o = (((long)p * s.Q) + q) * Blocks.Width;
                Vector512<float> value = Vector512.Load(y + o);
                Vector512<float> gradient = Vector512.Load(dy + o) * Share(s, rows * Inside(s.Horizontal, q, s.W));
                for (int r = 0; r < s.R; r++)
                {
                    for (int t = 0; t < s.S; t++)
                    {
                        long i = BlockedAveragePooling.Input(s, p, q, r, t);
                        if (i >= 0)
                        {
                            (Vector512.Load(dx + i) + (gradient * norm.Slope(Vector512.Load(x + i), value))).Store(dx + i);
                        }
                    }
                }
            }
        }
    }

    private static Vector512<float> Share(in PoolShape s, int count) => Vector512.Create((float)(s.R * s.S) / count);

    private static int Inside(Window window, int output, int length)
    {
        int count = 0;
        for (int tap = 0; tap < window.Kernel; tap++)
        {
            count += (uint)(window.Start(output) + (tap * window.Dilation)) < (uint)length ? 1 : 0;
        }

        return count;
    }
}
