using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Fovea.Core.Kernels.Channels;

// x, y, dy, dx     C × pixels, a plain image
// mean, inverse    pixels
// scale, shift     C, or null for 1 and 0

/// <summary>
/// Normalisation of the channels of each pixel. Sixteen pixels go side by side; a tail goes the same way one by one, so that
/// a pixel's value does not depend on where it stands.
/// </summary>
public static unsafe class PixelNormKernel
{
    /// <summary>Each pixel's mean and mean squared deviation over the channels.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Moments(float* x, int channels, int pixels, float* mean, float* variance)
    {
        int i = 0;
        for (; i + 16 <= pixels; i += 16)
        {
            Vector512<float> sum = Vector512<float>.Zero, squares = Vector512<float>.Zero, count = Vector512.Create((float)channels);
            for (int c = 0; c < channels; c++)
            {
                sum += Vector512.Load(x + ((long)c * pixels) + i);
            }

            Vector512<float> middle = sum / count;
            for (int c = 0; c < channels; c++)
            {
                Vector512<float> apart = Vector512.Load(x + ((long)c * pixels) + i) - middle;
                squares += apart * apart;
            }

            middle.Store(mean + i);
            (squares / count).Store(variance + i);
        }

        for (; i < pixels; i++)
        {
            float sum = 0, squares = 0;
            for (int c = 0; c < channels; c++)
            {
                sum += x[((long)c * pixels) + i];
            }

            float middle = sum / channels;
            for (int c = 0; c < channels; c++)
            {
                float apart = x[((long)c * pixels) + i] - middle;
                squares += apart * apart;
            }

            mean[i] = middle;
            variance[i] = squares / channels;
        }
    }

    /// <summary>y = (x − mean)·inverse·scale + shift over one channel's plane.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Normalize(float* x, float* y, int pixels, float* mean, float* inverse, float scale, float shift)
    {
        int i = 0;
        for (; i + 16 <= pixels; i += 16)
        {
            Vector512<float> normal = (Vector512.Load(x + i) - Vector512.Load(mean + i)) * Vector512.Load(inverse + i);
            ((normal * Vector512.Create(scale)) + Vector512.Create(shift)).Store(y + i);
        }

        for (; i < pixels; i++)
        {
            y[i] = ((x[i] - mean[i]) * inverse[i] * scale) + shift;
        }
    }

    /// <summary>Adds a channel's dy·scale and dy·scale·(x − mean) to the pixels' sums, and gives Σ dy and Σ dy·(x − mean)·inverse.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static (float Sum, float Products) Gradients(float* dy, float* x, int pixels, float* mean, float* inverse, float scale, float* sums, float* products)
    {
        Vector512<float> sum = Vector512<float>.Zero, product = Vector512<float>.Zero;
        int i = 0;
        for (; i + 16 <= pixels; i += 16)
        {
            Vector512<float> gradient = Vector512.Load(dy + i), apart = Vector512.Load(x + i) - Vector512.Load(mean + i);
            sum += gradient;
            product += gradient * (apart * Vector512.Load(inverse + i));
            Vector512<float> g = gradient * Vector512.Create(scale);
            (Vector512.Load(sums + i) + g).Store(sums + i);
            (Vector512.Load(products + i) + (g * apart)).Store(products + i);
        }

        float restSum = 0, restProduct = 0;
        for (; i < pixels; i++)
        {
            float apart = x[i] - mean[i], g = dy[i] * scale;
            restSum += dy[i];
            restProduct += dy[i] * (apart * inverse[i]);
            sums[i] += g;
            products[i] += g * apart;
        }

        return (Vector512.Sum(sum) + restSum, Vector512.Sum(product) + restProduct);
    }

    /// <summary>dx = dy·scale·inverse + (x − mean)·slope + term over one channel's plane.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void InputGradient(float* dy, float* x, float* dx, int pixels, float* mean, float* inverse, float* slope, float* term, float scale)
    {
        int i = 0;
        for (; i + 16 <= pixels; i += 16)
        {
            Vector512<float> share = ((Vector512.Load(x + i) - Vector512.Load(mean + i)) * Vector512.Load(slope + i)) + Vector512.Load(term + i);
            ((Vector512.Load(dy + i) * Vector512.Create(scale) * Vector512.Load(inverse + i)) + share).Store(dx + i);
        }

        for (; i < pixels; i++)
        {
            dx[i] = (dy[i] * scale * inverse[i]) + (((x[i] - mean[i]) * slope[i]) + term[i]);
        }
    }
}
