using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Fovea.Core.Kernels.Channels;

/// <summary>Arithmetic on runs of floats.</summary>
public static unsafe class ElementwiseKernel
{
    /// <summary>y[i] = a[i] + b[i]; y may be either.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Add(float* a, float* b, float* y, long count)
    {
        long i = 0;
        for (; i + 16 <= count; i += 16)
        {
            (Vector512.Load(a + i) + Vector512.Load(b + i)).Store(y + i);
        }

        for (; i < count; i++)
        {
            y[i] = a[i] + b[i];
        }
    }
}
