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

    /// <summary>y[i] = parts[i] + parts[stride + i] + parts[2·stride + i] ..., of so many parts.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Sum(float* parts, long stride, int count, float* y, long floats)
    {
        long i = 0;
        for (; i + 16 <= floats; i += 16)
        {
            Vector512<float> sum = Vector512<float>.Zero;
            for (int part = 0; part < count; part++)
            {
                sum += Vector512.Load(parts + (part * stride) + i);
            }

            sum.Store(y + i);
        }

        for (; i < floats; i++)
        {
            float sum = 0;
            for (int part = 0; part < count; part++)
            {
                sum += parts[(part * stride) + i];
            }

            y[i] = sum;
        }
    }
}
