using System.Numerics;

namespace Fovea.Core.Kernels.Naive;

// x, y   N × C × pixels
// s      N × C

/// <summary>Each channel of each image times a factor of its own.</summary>
public static class NaiveGate
{
    /// <summary>y[n,c,pixel] = x[n,c,pixel] · s[n,c].</summary>
    public static void Forward<T>(int pixels, ReadOnlySpan<T> x, ReadOnlySpan<T> s, Span<T> y)
        where T : IFloatingPointIeee754<T>
    {
        for (int i = 0; i < x.Length; i++)
        {
            y[i] = x[i] * s[i / pixels];
        }
    }

    /// <summary>ds[n,c] = Σ over pixels of dy · x; the other gradient, dx = dy · s, is the forward pass over dy.</summary>
    public static void BackwardFactors<T>(int pixels, ReadOnlySpan<T> x, ReadOnlySpan<T> dy, Span<T> ds)
        where T : IFloatingPointIeee754<T>
    {
        ds.Clear();
        for (int i = 0; i < x.Length; i++)
        {
            ds[i / pixels] += dy[i] * x[i];
        }
    }
}
