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
    /// <summary>y = v where x is above 0, slope·v elsewhere: with v = x the function, with v = dy its gradient.</summary>
    public static void Bend<T>(int c, int pixels, ReadOnlySpan<T> x, ReadOnlySpan<T> v, ReadOnlySpan<T> slopes, Span<T> y)
        where T : IFloatingPointIeee754<T>
    {
        for (int i = 0; i < x.Length; i++)
        {
            y[i] = x[i] > T.Zero ? v[i] : v[i] * slopes[i / pixels % c % slopes.Length];
        }
    }

    /// <summary>dslopes = Σ dy·x where x is not above 0.</summary>
    public static void BackwardSlopes<T>(int c, int pixels, ReadOnlySpan<T> x, ReadOnlySpan<T> dy, Span<T> dslopes)
        where T : IFloatingPointIeee754<T>
    {
        dslopes.Clear();
        for (int i = 0; i < x.Length; i++)
        {
            dslopes[i / pixels % c % dslopes.Length] += x[i] > T.Zero ? T.Zero : dy[i] * x[i];
        }
    }
}
