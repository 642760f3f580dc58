using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Fovea.Core.Shapes;

namespace Fovea.Core.Kernels.Pooling;

// x          H × W × 16     one block of sixteen channels of one image
// y          P × Q × 16
// divisors   P × Q          what each window's sum is divided by

/// <summary>Average pooling of blocks.</summary>
public static unsafe class BlockedAveragePooling
{
    /// <summary>y of one block.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Forward(in PoolShape s, float* x, int* divisors, float* y)
    {
        for (int p = 0; p < s.P; p++)
        {
            for (int q = 0; q < s.Q; q++)
            {
                Vector512<float> sum = Vector512<float>.Zero;
                for (int r = 0; r < s.R; r++)
                {
                    for (int t = 0; t < s.S; t++)
                    {
                        long i = Input(s, p, q, r, t);
                        if (i >= 0)
                        {
                            sum += Vector512.Load(x + i);
                        }
                    }
                }

                (sum / Vector512.Create((float)divisors[(p * s.Q) + q])).Store(y + ((((long)p * s.Q) + q) * Blocks.Width));
            }
        }
    }

    /// <summary>dx of one block, every element written.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Backward(in PoolShape s, float* dy, int* divisors, float* dx)
    {
        new Span<float>(dx, s.H * s.W * Blocks.Width).Clear();
        for (int p = 0; p < s.P; p++)
        {
            for (int q = 0; q < s.Q; q++)
            {
                Vector512<float> share = Vector512.Load(dy + ((((long)p * s.Q) + q) * Blocks.Width)) / Vector512.Create((float)divisors[(p * s.Q) + q]);
                for (int r = 0; r < s.R; r++)
                {
                    for (int t = 0; t < s.S; t++)
                    {
                        long i = Input(s, p, q, r, t);
                        if (i >= 0)
                        {
                            (Vector512.Load(dx + i) + share).Store(dx + i);
                        }
                    }
                }
            }
        }
    }

    /// <summary>The place in x that a tap of a window reads; −1 in the padding.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static long Input(in PoolShape s, int p, int q, int r, int t)
    {
        int i = s.Vertical.Start(p) + (r * s.Vertical.Dilation);
        int j = s.Horizontal.Start(q) + (t * s.Horizontal.Dilation);
        return (uint)i < (uint)s.H && (uint)j < (uint)s.W ? (((long)i * s.W) + j) * Blocks.Width : -1;
    }
}
