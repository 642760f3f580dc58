using System.Numerics;
using Fovea.Core.Shapes;

namespace Fovea.Core.Kernels.Naive;

// x   planes × H × W
// y   planes × P × Q

/// <summary>Pooling to a given size, and enlarging to one, by their definitions.</summary>
public static class NaiveAdaptive
{
    /// <summary>The mean, or the maximum (the first of equals, and a NaN if there is one), of each window.</summary>
    public static void PoolForward<T>(bool max, int planes, AdaptiveWindow rows, AdaptiveWindow columns, ReadOnlySpan<T> x, Span<T> y)
        where T : IFloatingPointIeee754<T>
    {
        for (int o = 0; o < planes * rows.Outputs * columns.Outputs; o++)
        {
            (int first, int top, int bottom, int left, int right) = Around(o, rows, columns);
            T sum = T.Zero;
            for (int i = top; i < bottom; i++)
            {
                for (int j = left; j < right; j++)
                {
                    sum += x[first + (i * columns.Length) + j];
                }
            }

            y[o] = max ? x[Best(o, rows, columns, x)] : sum / T.CreateChecked((bottom - top) * (right - left));
        }
    }

    /// <summary>dx: each output's gradient goes in equal shares to its window, or whole to its maximum.</summary>
    public static void PoolBackward<T>(bool max, int planes, AdaptiveWindow rows, AdaptiveWindow columns, ReadOnlySpan<T> x, ReadOnlySpan<T> dy, Span<T> dx)
        where T : IFloatingPointIeee754<T>
    {
        dx[..(planes * rows.Length * columns.Length)].Clear();
        for (int o = 0; o < planes * rows.Outputs * columns.Outputs; o++)
        {
            if (max)
            {
                dx[Best(o, rows, columns, x)] += dy[o];
                continue;
            }

            (int first, int top, int bottom, int left, int right) = Around(o, rows, columns);
            T share = dy[o] / T.CreateChecked((bottom - top) * (right - left));
            for (int i = top; i < bottom; i++)
            {
                for (int j = left; j < right; j++)
                {
                    dx[first + (i * columns.Length) + j] += share;
                }
            }
        }
    }

    private static (int First, int Top, int Bottom, int Left, int Right) Around(int o, AdaptiveWindow rows, AdaptiveWindow columns)
    {
        int p = o / columns.Outputs % rows.Outputs, q = o % columns.Outputs, plane = o / columns.Outputs / rows.Outputs;
        return (plane * rows.Length * columns.Length, rows.Start(p), rows.End(p), columns.Start(q), columns.End(q));
    }

    private static int Best<T>(int o, AdaptiveWindow rows, AdaptiveWindow columns, ReadOnlySpan<T> x)
        where T : IFloatingPointIeee754<T>
    {
        (int first, int top, int bottom, int left, int right) = Around(o, rows, columns);
        int best = -1;
        for (int i = top; i < bottom; i++)
        {
            for (int j = left; j < right; j++)
            {
                int at = first + (i * columns.Length) + j;
                best = best < 0 || x[at] > x[best] || T.IsNaN(x[at]) ? at : best;
            }
        }

        return best;
    }
}
