using System.Numerics;

namespace Fovea.Core.Kernels.Naive;

// x, y   N × C × pixels

/// <summary>Work along the channels of plain images: sums, and factors and terms of each channel.</summary>
public static class NaiveChannels
{
    /// <summary>sums[c] = Σ_n Σ_pixel dy[n,c,pixel]: a bias's gradient.</summary>
    public static void Sum<T>(int n, int c, int pixels, ReadOnlySpan<T> dy, Span<T> sums)
        where T : IFloatingPointIeee754<T>
    {
        sums[..c].Clear();
        for (int i = 0; i < n * c * pixels; i++)
        {
            sums[i / pixels % c] += dy[i];
        }
    }

    /// <summary>y = x · scale[c] + shift[c]; an empty <paramref name="shift"/> adds nothing.</summary>
    public static void Affine<T>(int n, int c, int pixels, ReadOnlySpan<T> x, ReadOnlySpan<T> scale, ReadOnlySpan<T> shift, Span<T> y)
        where T : IFloatingPointIeee754<T>
    {
        for (int i = 0; i < n * c * pixels; i++)
        {
            int channel = i / pixels % c;
            y[i] = (x[i] * scale[channel]) + (shift.IsEmpty ? T.Zero : shift[channel]);
        }
    }
}
