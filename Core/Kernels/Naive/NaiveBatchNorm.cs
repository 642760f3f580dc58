using System.Numerics;

namespace Fovea.Core.Kernels.Naive;

// x, y, dy, dx             N × C × pixels
// mean, variance           C
// scale, shift             C, or empty where there are none

/// <summary>
/// Batch normalisation by its definition, y = (x − mean) / √(variance + ε) · scale + shift with statistics of each channel
/// (Ioffe and Szegedy, "Batch normalization", 2015).
/// </summary>
public static class NaiveBatchNorm
{
    /// <summary>Each channel's mean and its mean squared deviation (biased) over images and pixels.</summary>
    public static void Statistics<T>(int n, int c, int pixels, ReadOnlySpan<T> x, Span<T> mean, Span<T> variance)
        where T : IFloatingPointIeee754<T>
    {
        T count = T.CreateChecked((long)n * pixels);
        mean[..c].Clear();
        variance[..c].Clear();
        for (int i = 0; i < n * c * pixels; i++)
        {
            mean[i / pixels % c] += x[i] / count;
        }

        for (int i = 0; i < n * c * pixels; i++)
        {
            T deviation = x[i] - mean[i / pixels % c];
            variance[i / pixels % c] += deviation * deviation / count;
        }
    }

    /// <summary>y.</summary>
    public static void Forward<T>(int n, int c, int pixels, ReadOnlySpan<T> x, ReadOnlySpan<T> mean, ReadOnlySpan<T> variance, T epsilon, ReadOnlySpan<T> scale, ReadOnlySpan<T> shift, Span<T> y)
        where T : IFloatingPointIeee754<T>
    {
        for (int i = 0; i < n * c * pixels; i++)
        {
            int channel = i / pixels % c;
            T normal = (x[i] - mean[channel]) / T.Sqrt(variance[channel] + epsilon);
            y[i] = (scale.IsEmpty ? normal : normal * scale[channel]) + (shift.IsEmpty ? T.Zero : shift[channel]);
        }
    }

    /// <summary>
    /// dx, dscale = Σ dy·x̂ and dshift = Σ dy, where x̂ is the normalised input. With statistics of the batch, which depend
    /// on x themselves, dx = scale/√(variance + ε) · (dy − dshift/m − x̂·dscale/m) for m elements of a channel; with given
    /// ones dx = scale/√(variance + ε) · dy.
    /// </summary>
    public static void Backward<T>(int n, int c, int pixels, ReadOnlySpan<T> x, ReadOnlySpan<T> mean, ReadOnlySpan<T> variance, T epsilon, ReadOnlySpan<T> scale, ReadOnlySpan<T> dy, bool ofBatch, Span<T> dx, Span<T> dscale, Span<T> dshift)
        where T : IFloatingPointIeee754<T>
    {
        T count = T.CreateChecked((long)n * pixels);
        dscale[..c].Clear();
        dshift[..c].Clear();
        for (int i = 0; i < n * c * pixels; i++)
        {
            int channel = i / pixels % c;
            dscale[channel] += dy[i] * (x[i] - mean[channel]) / T.Sqrt(variance[channel] + epsilon);
            dshift[channel] += dy[i];
        }

        for (int i = 0; i < n * c * pixels; i++)
        {
            int channel = i / pixels % c;
            T deviation = T.Sqrt(variance[channel] + epsilon);
            T normal = (x[i] - mean[channel]) / deviation;
            T own = ofBatch ? dy[i] - (dshift[channel] / count) - (normal * dscale[channel] / count) : dy[i];
            dx[i] = own / deviation * (scale.IsEmpty ? T.One : scale[channel]);
        }
    }
}
