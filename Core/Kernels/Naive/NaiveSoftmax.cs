using System.Numerics;

namespace Fovea.Core.Kernels.Naive;

/// <summary>Softmax over the classes of each row, the largest entry subtracted first so that nothing overflows.</summary>
public static class NaiveSoftmax
{
    /// <summary>y[n,k] = exp(x[n,k]) / Σ_j exp(x[n,j]), for n rows of k.</summary>
    public static void Forward<T>(int n, int k, ReadOnlySpan<T> x, Span<T> y)
        where T : IFloatingPointIeee754<T>
    {
        for (int i = 0; i < n; i++)
        {
            ReadOnlySpan<T> row = x.Slice(i * k, k);
            Span<T> result = y.Slice(i * k, k);
            T largest = T.NegativeInfinity;
            foreach (T value in row)
            {
                largest = T.Max(largest, value);
            }

            T sum = T.Zero;
            for (int j = 0; j < k; j++)
            {
                result[j] = T.Exp(row[j] - largest);
                sum += result[j];
            }

            for (int j = 0; j < k; j++)
            {
                result[j] /= sum;
            }
        }
    }

    /// <summary>y[n,k] = x[n,k] − ln Σ_j exp(x[n,j]), for n rows of k.</summary>
    public static void LogForward<T>(int n, int k, ReadOnlySpan<T> x, Span<T> y)
        where T : IFloatingPointIeee754<T>
    {
        for (int i = 0; i < n; i++)
        {
            ReadOnlySpan<T> row = x.Slice(i * k, k);
            T largest = T.NegativeInfinity;
            foreach (T value in row)
            {
                largest = T.Max(largest, value);
            }

            T sum = T.Zero;
            foreach (T value in row)
            {
                sum += T.Exp(value - largest);
            }

            for (int j = 0; j < k; j++)
            {
                y[(i * k) + j] = row[j] - largest - T.Log(sum);
            }
        }
    }

    /// <summary>dx = dy − exp(y) · Σ_j dy_j, from the logarithms y.</summary>
    public static void LogBackward<T>(int n, int k, ReadOnlySpan<T> y, ReadOnlySpan<T> dy, Span<T> dx)
        where T : IFloatingPointIeee754<T>
    {
        for (int i = 0; i < n; i++)
        {
            T sum = T.Zero;
            for (int j = i * k; j < (i + 1) * k; j++)
            {
                sum += dy[j];
            }

            for (int j = i * k; j < (i + 1) * k; j++)
            {
                dx[j] = dy[j] - (T.Exp(y[j]) * sum);
            }
        }
    }

    /// <summary>dx = y · (dy − Σ_j dy_j y_j).</summary>
    public static void Backward<T>(int n, int k, ReadOnlySpan<T> y, ReadOnlySpan<T> dy, Span<T> dx)
        where T : IFloatingPointIeee754<T>
    {
        for (int i = 0; i < n; i++)
        {
            T dot = T.Zero;
            for (int j = i * k; j < (i + 1) * k; j++)
            {
                dot += dy[j] * y[j];
            }

            for (int j = i * k; j < (i + 1) * k; j++)
            {
                dx[j] = y[j] * (dy[j] - dot);
            }
        }
    }
}
