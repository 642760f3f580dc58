using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Fovea.Core.Kernels.Channels;

// plane   pixels        one channel of one image
// block   pixels × 16   sixteen channels of one image

/// <summary>
/// What batch normalisation sums and maps along the channels of one image. A plane's sums go over sixteen lanes and then
/// the rest, a block's over its lanes: one order for every caller.
/// </summary>
public static unsafe class MomentKernel
{
    /// <summary>Σ x of a plane, and Σ (x − its own mean)², which cancels nothing.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static (float Sum, float Squares) OfPlane(float* x, int pixels)
    {
        float sum = ChannelKernel.SumPlane(x, pixels);
        float mean = sum / pixels;
        Vector512<float> squares = Vector512<float>.Zero;
        int i = 0;
        for (; i + 16 <= pixels; i += 16)
        {
            Vector512<float> deviation = Vector512.Load(x + i) - Vector512.Create(mean);
            squares += deviation * deviation;
        }

        float rest = 0;
        for (; i < pixels; i++)
        {
            rest += (x[i] - mean) * (x[i] - mean);
        }

        return (sum, Vector512.Sum(squares) + rest);
    }

    /// <summary>The same of each lane of a block.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void OfBlock(float* x, int pixels, float* sums, float* squares)
    {
        Vector512<float>.Zero.Store(sums);
        ChannelKernel.SumBlock(x, pixels, sums);
        Vector512<float> mean = Vector512.Load(sums) / Vector512.Create((float)pixels);
        Vector512<float> even = Vector512<float>.Zero, odd = Vector512<float>.Zero;
        int i = 0;
        for (; i + 2 <= pixels; i += 2)
        {
            Vector512<float> first = Vector512.Load(x + (i * 16L)) - mean, second = Vector512.Load(x + (i * 16L) + 16) - mean;
            even += first * first;
            odd += second * second;
        }

        if (i < pixels)
        {
            Vector512<float> last = Vector512.Load(x + (i * 16L)) - mean;
            even += last * last;
        }

        (even + odd).Store(squares);
    }

    /// <summary>Σ dy of a plane, and Σ dy·(x − mean).</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static (float Sum, float Products) GradientsOfPlane(float* dy, float* x, int pixels, float mean)
    {
        Vector512<float> products = Vector512<float>.Zero;
        int i = 0;
        for (; i + 16 <= pixels; i += 16)
        {
            products += Vector512.Load(dy + i) * (Vector512.Load(x + i) - Vector512.Create(mean));
        }

        float rest = 0;
        for (; i < pixels; i++)
        {
            rest += dy[i] * (x[i] - mean);
        }

        return (ChannelKernel.SumPlane(dy, pixels), Vector512.Sum(products) + rest);
    }

    /// <summary>The same of each lane of a block.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void GradientsOfBlock(float* dy, float* x, int pixels, Vector512<float> mean, float* sums, float* products)
    {
        Vector512<float> sum = Vector512<float>.Zero, product = Vector512<float>.Zero;
        for (int i = 0; i < pixels; i++)
        {
            Vector512<float> gradient = Vector512.Load(dy + (i * 16L));
            sum += gradient;
            product += gradient * (Vector512.Load(x + (i * 16L)) - mean);
        }

        sum.Store(sums);
        product.Store(products);
    }

    /// <summary>y = (x − mean)·factor + term over a plane.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void NormalizePlane(float* x, float* y, int pixels, float mean, float factor, float term)
    {
        int i = 0;
        for (; i + 16 <= pixels; i += 16)
        {
            (((Vector512.Load(x + i) - Vector512.Create(mean)) * Vector512.Create(factor)) + Vector512.Create(term)).Store(y + i);
        }

        for (; i < pixels; i++)
        {
            y[i] = ((x[i] - mean) * factor) + term;
        }
    }

    /// <summary>y = (x − mean)·factor + term over a block.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void NormalizeBlock(float* x, float* y, int pixels, Vector512<float> mean, Vector512<float> factor, Vector512<float> term)
    {
        for (int i = 0; i < pixels; i++)
        {
            (((Vector512.Load(x + (i * 16L)) - mean) * factor) + term).Store(y + (i * 16L));
        }
    }

    /// <summary>dx = dy·factor + (x − mean)·slope + term over a plane.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void BackwardPlane(float* dy, float* x, float* dx, int pixels, float mean, float factor, float slope, float term)
    {
        int i = 0;
        for (; i + 16 <= pixels; i += 16)
        {
            Vector512<float> share = ((Vector512.Load(x + i) - Vector512.Create(mean)) * Vector512.Create(slope)) + Vector512.Create(term);
            ((Vector512.Load(dy + i) * Vector512.Create(factor)) + share).Store(dx + i);
        }

        for (; i < pixels; i++)
        {
            dx[i] = (dy[i] * factor) + (((x[i] - mean) * slope) + term);
        }
    }

    /// <summary>dx = dy·factor + (x − mean)·slope + term over a block.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void BackwardBlock(float* dy, float* x, float* dx, int pixels, Vector512<float> mean, Vector512<float> factor, Vector512<float> slope, Vector512<float> term)
    {
        for (int i = 0; i < pixels; i++)
        {
            Vector512<float> share = ((Vector512.Load(x + (i * 16L)) - mean) * slope) + term;
            ((Vector512.Load(dy + (i * 16L)) * factor) + share).Store(dx + (i * 16L));
        }
    }
}
