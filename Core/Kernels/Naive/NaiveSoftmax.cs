using System.Numerics;

namespace Fovea.Core.Kernels.Naive;

// x, y, dy, dx   n × k × inner: k classes of every n and inner place

/// <summary>Softmax over the classes of each place, the largest entry subtracted first so that nothing overflows.</summary>
public static class NaiveSoftmax
{
    /// <summary>y[k] = exp(x[k]) / Σ_j exp(x[j]).</summary>
    public static void Forward<T>(int n, int k, int inner, ReadOnlySpan<T> x, Span<T> y)
        where T : IFloatingPointIeee754<T>
    {
        for (int place = 0; place < n * inner; place++)
        {
            int first = First(place, k, inner);
            T largest = Largest(x, first, k, inner), sum = T.Zero;
            for (int j = 0; j < k; j++)
            {
                y[first + (j * inner)] = T.Exp(x[first + (j * inner)] - largest);
                sum += y[first + (j * inner)];
            }

            for (int j = 0; j < k; j++)
            {
                y[first + (j * inner)] /= sum;
            }
        }
    }

    /// <summary>y[k] = x[k] − ln Σ_j exp(x[j]).</summary>
    public static void LogForward<T>(int n, int k, int inner, ReadOnlySpan<T> x, Span<T> y)
        where T : IFloatingPointIeee754<T>
    {
        for (int place = 0; place < n * inner; place++)
        {
            int first = First(place, k, inner);
            T largest = Largest(x, first, k, inner), sum = T.Zero;
            for (int j = 0; j < k; j++)
            {
                sum += T.Exp(x[first + (j * inner)] - largest);
            }

            for (int j = 0; j < k; j++)
            {
                y[first + (j * inner)] = x[first + (j * inner)] - largest - T.Log(sum);
            }
        }
    }

    /// <summary>dx = dy − exp(y) · Σ_j dy_j, from the logarithms y.</summary>
    public static void LogBackward<T>(int n, int k, int inner, ReadOnlySpan<T> y, ReadOnlySpan<T> dy, Span<T> dx)
        where T : IFloatingPointIeee754<T>
    {
        for (int place = 0; place < n * inner; place++)
        {
            int first = First(place, k, inner);
            T sum = T.Zero;
            for (int j = 0; j < k; j++)
            {
                sum += dy[first + (j * inner)];
            }

            for (int j = 0; j < k; j++)
            {
                dx[first + (j * inner)] = dy[first + (j * inner)] - (T.Exp(y[first + (j * inner)]) * sum);
            }
        }
    }

    /// <summary>dx = y · (dy − Σ_j dy_j y_j).</summary>
    public static void Backward<T>(int n, int k, int inner, ReadOnlySpan<T> y, ReadOnlySpan<T> dy, Span<T> dx)
        where T : IFloatingPointIeee754<T>
    {
        for (int place = 0; place < n * inner; place++)
        {
            int first = First(place, k, inner);
            T dot = T.Zero;
            for (int j = 0; j < k; j++)
            {
                dot += dy[first + (j * inner)] * y[first + (j * inner)];
            }

            for (int j = 0; j < k; j++)
            {
                dx[first + (j * inner)] = y[first + (j * inner)] * (dy[first + (j * inner)] - dot);
            }
        }
    }

    // Where a place's first class lies.
    private static int First(int place, int k, int inner) => (place / inner * k * inner) + (place % inner);

    private static T Largest<T>(ReadOnlySpan<T> x, int first, int k, int inner)
        where T : IFloatingPointIeee754<T>
    {
        T largest = T.NegativeInfinity;
        for (int j = 0; j < k; j++)
        {
            largest = T.Max(largest, x[first + (j * inner)]);
        }

        return largest;
    }
}
