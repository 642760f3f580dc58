using System.Numerics;

namespace Fovea.Core.Kernels.Naive;

// x, y, dy, dx   N × C × pixels
// slopes         C, or one for all

/// <summary>
/// A leaky ReLU whose slopes are learned: y = x above 0, slope·x from there on down (He, Zhang, Ren and Sun, "Delving deep
/// into rectifiers", 2015).
/// </summary>
public static class NaivePrelu
{
    /// <summary>y.</summary>
    public static void Forward<T>(int c, int pixels, ReadOnlySpan<T> x, ReadOnlySpan<T> slopes, Span<T> y)
        where T : IFloatingPointIeee754<T>
    {
        for (int i = 0; i < x.Length; i++)
        {
            y[i] = x[i] > T.Zero ? x[i] : x[i] * slopes[i / pixels % c % slopes.Length];
        }
    }

    /// <summary>dx = dy above 0, slope·dy below; dslopes = Σ dy·x where x is not above 0.</summary>
    public static void Backward<T>(int c, int pixels, ReadOnlySpan<T> x, ReadOnlySpan<T> slopes, ReadOnlySpan<T> dy, Span<T> dx, Span<T> dslopes)
        where T : IFloatingPointIeee754<T>
    {
        dslopes.Clear();
        for (int i = 0; i < x.Length; i++)
        {
            int slope = i / pixels % c % slopes.Length;
            bool above = x[i] > T.Zero;
            dx[i] = above ? dy[i] : dy[i] * slopes[slope];
            dslopes[slope] += above ? T.Zero : dy[i] * x[i];
        }
    }
}
