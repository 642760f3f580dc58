using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Fovea.Core.Kernels.Channels;

/// <summary>Sums and affine maps along the channels of one image's plane or block.</summary>
public static unsafe class ChannelKernel
{
    /// <summary>Σ over a plane of one channel. Sixteen partial sums, then their tree: one order for every caller.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static float SumPlane(float* plane, int pixels)
    {
        Vector512<float> sum = Vector512<float>.Zero;
        int i = 0;
        for (; i + 16 <= pixels; i += 16)
        {
            sum += Vector512.Load(plane + i);
        }

        float rest = 0;
        for (; i < pixels; i++)
        {
            rest += plane[i];
        }

        return Vector512.Sum(sum) + rest;
    }

    /// <summary>sums[lane] += Σ over the pixels of a block.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void SumBlock(float* block, int pixels, float* sums)
    {
        Vector512<float> even = Vector512<float>.Zero, odd = Vector512<float>.Zero;
        int i = 0;
        for (; i + 2 <= pixels; i += 2)
        {
            even += Vector512.Load(block + (i * 16L));
            odd += Vector512.Load(block + (i * 16L) + 16);
        }

        if (i < pixels)
        {
            even += Vector512.Load(block + (i * 16L));
        }

        (Vector512.Load(sums) + (even + odd)).Store(sums);
    }

    /// <summary>y = x·scale + shift over a plane of one channel.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void AffinePlane(float* x, float* y, int pixels, float scale, float shift)
    {
        Vector512<float> factor = Vector512.Create(scale), term = Vector512.Create(shift);
        int i = 0;
        for (; i + 16 <= pixels; i += 16)
        {
            ((Vector512.Load(x + i) * factor) + term).Store(y + i);
        }

        for (; i < pixels; i++)
        {
            y[i] = (x[i] * scale) + shift;
        }
    }

    /// <summary>y = x·scale + shift over a block; scale and shift hold a float for each lane.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void AffineBlock(float* x, float* y, int pixels, Vector512<float> scale, Vector512<float> shift)
    {
        for (int i = 0; i < pixels; i++)
        {
            ((Vector512.Load(x + (i * 16L)) * scale) + shift).Store(y + (i * 16L));
        }
    }
}
