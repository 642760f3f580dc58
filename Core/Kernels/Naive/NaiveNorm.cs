using System.Numerics;
using Fovea.Core.Shapes;

namespace Fovea.Core.Kernels.Naive;

// x, y, dy, dx     N × elements of an image
// mean, variance   N × groups of an image
// scale, shift     weights, or empty where there are none

/// <summary>
/// Normalisation of every image by itself, y = (x − mean) / √(variance + ε) · scale + shift with statistics of each group of
/// elements: group norm (Wu and He, 2018), layer norm (Ba, Kiros and Hinton, 2016), instance norm (Ulyanov, Vedaldi and
/// Lempitsky, 2016), which differ in what a group is.
/// </summary>
public static class NaiveNorm
{
    /// <summary>Each group's mean and its mean squared deviation (biased).</summary>
    public static void Statistics<T>(in NormShape s, int n, ReadOnlySpan<T> x, Span<T> mean, Span<T> variance)
        where T : IFloatingPointIeee754<T>
    {
        T count = T.CreateChecked(s.Length);
        mean.Clear();
        variance.Clear();
        for (int i = 0; i < n * s.Elements; i++)
        {
            mean[s.GroupOf(i)] += x[i] / count;
        }

        for (int i = 0; i < n * s.Elements; i++)
        {
            T deviation = x[i] - mean[s.GroupOf(i)];
            variance[s.GroupOf(i)] += deviation * deviation / count;
        }
    }

    /// <summary>y.</summary>
    public static void Forward<T>(in NormShape s, int n, ReadOnlySpan<T> x, ReadOnlySpan<T> mean, ReadOnlySpan<T> variance, T epsilon, ReadOnlySpan<T> scale, ReadOnlySpan<T> shift, Span<T> y)
        where T : IFloatingPointIeee754<T>
    {
        for (int i = 0; i < n * s.Elements; i++)
        {
            int group = s.GroupOf(i), weight = s.WeightOf(i);
            T normal = (x[i] - mean[group]) / T.Sqrt(variance[group] + epsilon);
            y[i] = (scale.IsEmpty ? normal : normal * scale[weight]) + (shift.IsEmpty ? T.Zero : shift[weight]);
        }
    }

    /// <summary>
    /// dx, dscale = Σ dy·x̂ and dshift = Σ dy, where x̂ is the normalised input. With statistics of the groups themselves,
    /// dx = (g − Σg/m − x̂·Σ(g·x̂)/m) / √(variance + ε), where g = dy·scale and the sums go over the m elements of a group;
    /// with given ones dx = g / √(variance + ε).
    /// </summary>
    public static void Backward<T>(in NormShape s, int n, ReadOnlySpan<T> x, ReadOnlySpan<T> mean, ReadOnlySpan<T> variance, T epsilon, ReadOnlySpan<T> scale, ReadOnlySpan<T> dy, bool ofGroups, Span<T> dx, Span<T> dscale, Span<T> dshift)
        where T : IFloatingPointIeee754<T>
    {
        T count = T.CreateChecked(s.Length);
        T[] sums = new T[n * s.Groups], products = new T[n * s.Groups];
        dscale.Clear();
        dshift.Clear();
        for (int i = 0; i < n * s.Elements; i++)
        {
            int group = s.GroupOf(i), weight = s.WeightOf(i);
            T normal = (x[i] - mean[group]) / T.Sqrt(variance[group] + epsilon);
            T g = scale.IsEmpty ? dy[i] : dy[i] * scale[weight];
            sums[group] += g;
            products[group] += g * normal;
            if (!dscale.IsEmpty)
            {
                dscale[weight] += dy[i] * normal;
                dshift[weight] += dy[i];
            }
        }

        for (int i = 0; i < n * s.Elements; i++)
        {
            int group = s.GroupOf(i);
            T deviation = T.Sqrt(variance[group] + epsilon);
            T g = scale.IsEmpty ? dy[i] : dy[i] * scale[s.WeightOf(i)];
            T own = ofGroups ? g - (sums[group] / count) - ((x[i] - mean[group]) / deviation * products[group] / count) : g;
            dx[i] = own / deviation;
        }
    }
}
