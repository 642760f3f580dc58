using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Fovea.Core.Kernels.Channels;

// x, y, dy, dx, scale, shift   length: a run of neighbouring elements that are normalised together

/// <summary>Layer normalisation of one run of elements, each with a weight of its own; null weights count as 1 and 0.</summary>
public static unsafe class RowNormKernel
{
    /// <summary>y = (x − mean)·inverse·scale + shift.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Normalize(float* x, float* y, int length, float mean, float inverse, float* scale, float* shift)
    {
        int i = 0;
        for (; i + 16 <= length; i += 16)
        {
            Vector512<float> normal = (Vector512.Load(x + i) - Vector512.Create(mean)) * Vector512.Create(inverse);
            (scale == null ? normal : (normal * Vector512.Load(scale + i)) + Vector512.Load(shift + i)).Store(y + i);
        }

        for (; i < length; i++)
        {
            float normal = (x[i] - mean) * inverse;
            y[i] = scale == null ? normal : (normal * scale[i]) + shift[i];
        }
    }

    /// <summary>Σ dy·scale, and Σ dy·scale·(x − mean).</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static (float Sum, float Products) Gradients(float* dy, float* x, int length, float mean, float* scale)
    {
        Vector512<float> sum = Vector512<float>.Zero, products = Vector512<float>.Zero;
        int i = 0;
        for (; i + 16 <= length; i += 16)
        {
            Vector512<float> g = scale == null ? Vector512.Load(dy + i) : Vector512.Load(dy + i) * Vector512.Load(scale + i);
            sum += g;
            products += g * (Vector512.Load(x + i) - Vector512.Create(mean));
        }

        float restSum = 0, restProducts = 0;
        for (; i < length; i++)
        {
            float g = scale == null ? dy[i] : dy[i] * scale[i];
            restSum += g;
            restProducts += g * (x[i] - mean);
        }

        return (Vector512.Sum(sum) + restSum, Vector512.Sum(products) + restProducts);
    }

    /// <summary>dx = dy·scale·inverse + (x − mean)·slope + term.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void InputGradient(float* dy, float* x, float* dx, int length, float mean, float inverse, float slope, float term, float* scale)
    {
        int i = 0;
        for (; i + 16 <= length; i += 16)
        {
            Vector512<float> g = scale == null ? Vector512.Load(dy + i) : Vector512.Load(dy + i) * Vector512.Load(scale + i);
            Vector512<float> share = ((Vector512.Load(x + i) - Vector512.Create(mean)) * Vector512.Create(slope)) + Vector512.Create(term);
            ((g * Vector512.Create(inverse)) + share).Store(dx + i);
        }

        for (; i < length; i++)
        {
            float g = scale == null ? dy[i] : dy[i] * scale[i];
            dx[i] = (g * inverse) + (((x[i] - mean) * slope) + term);
        }
    }

    /// <summary>dscale += dy·(x − mean)·inverse and dshift += dy, in double precision.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void AddWeightGradients(float* dy, float* x, int length, float mean, float inverse, double* dscale, double* dshift)
    {
        for (int i = 0; i < length; i++)
        {
            dscale[i] += dy[i] * ((x[i] - mean) * inverse);
            dshift[i] += dy[i];
        }
    }
}
