using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Fovea.Core.Kernels.Activations;

// plane   pixels        one channel of one image
// block   pixels × 16   sixteen channels of one image

/// <summary>A leaky ReLU with a slope for each channel, over one channel or a block of them: the twin of NaivePrelu.</summary>
public static unsafe class PreluKernel
{
    /// <summary>y = v where x is above 0, slope·v elsewhere, over a plane: with v = x the function, with v = dy its gradient.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Plane(float* x, float* v, float* y, int pixels, float slope)
    {
        int i = 0;
        for (; i + 16 <= pixels; i += 16)
        {
            Bend(Vector512.Load(x + i), Vector512.Load(v + i), Vector512.Create(slope)).Store(y + i);
        }

        for (; i < pixels; i++)
        {
            y[i] = x[i] > 0 ? v[i] : v[i] * slope;
        }
    }

    /// <summary>The same over a block, with a slope for each lane.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Block(float* x, float* v, float* y, int pixels, Vector512<float> slopes)
    {
        for (int i = 0; i < pixels; i++)
        {
            Bend(Vector512.Load(x + (i * 16L)), Vector512.Load(v + (i * 16L)), slopes).Store(y + (i * 16L));
        }
    }

    /// <summary>Σ dy·x over the elements of a plane that are not above 0.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static float SlopeOfPlane(float* x, float* dy, int pixels)
    {
        Vector512<float> sum = Vector512<float>.Zero;
        int i = 0;
        for (; i + 16 <= pixels; i += 16)
        {
            sum += Below(Vector512.Load(x + i), Vector512.Load(dy + i));
        }

        float rest = 0;
        for (; i < pixels; i++)
        {
            rest += x[i] > 0 ? 0 : dy[i] * x[i];
        }

        return Vector512.Sum(sum) + rest;
    }

    /// <summary>The same of each lane of a block.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void SlopesOfBlock(float* x, float* dy, int pixels, float* sums)
    {
        Vector512<float> sum = Vector512<float>.Zero;
        for (int i = 0; i < pixels; i++)
        {
            sum += Below(Vector512.Load(x + (i * 16L)), Vector512.Load(dy + (i * 16L)));
        }

        sum.Store(sums);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Bend(Vector512<float> x, Vector512<float> v, Vector512<float> slope) =>
        Vector512.ConditionalSelect(Vector512.GreaterThan(x, Vector512<float>.Zero), v, v * slope);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Below(Vector512<float> x, Vector512<float> dy) =>
        Vector512.ConditionalSelect(Vector512.GreaterThan(x, Vector512<float>.Zero), Vector512<float>.Zero, dy * x);
}
