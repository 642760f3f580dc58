using System.Numerics;
using Fovea.Core.Shapes;

namespace Fovea.Core.Kernels.Naive;

// x   planes × H × W
// y   planes × P × Q

/// <summary>Enlarging by the nearest pixel, y[p,q] = x[⌊p·H/P⌋, ⌊q·W/Q⌋], as PyTorch's 'nearest'.</summary>
public static class NaiveUpsampling
{
    /// <summary>y.</summary>
    public static void Forward<T>(int planes, AdaptiveWindow rows, AdaptiveWindow columns, ReadOnlySpan<T> x, Span<T> y)
        where T : IFloatingPointIeee754<T>
    {
        for (int o = 0; o < planes * rows.Outputs * columns.Outputs; o++)
        {
            y[o] = x[Source(o, rows, columns)];
        }
    }

    /// <summary>dx: each pixel's gradient is the sum of its copies'.</summary>
    public static void Backward<T>(int planes, AdaptiveWindow rows, AdaptiveWindow columns, ReadOnlySpan<T> dy, Span<T> dx)
        where T : IFloatingPointIeee754<T>
    {
        dx[..(planes * rows.Length * columns.Length)].Clear();
        for (int o = 0; o < planes * rows.Outputs * columns.Outputs; o++)
        {
            dx[Source(o, rows, columns)] += dy[o];
        }
    }

    private static int Source(int o, AdaptiveWindow rows, AdaptiveWindow columns)
    {
        int p = o / columns.Outputs % rows.Outputs, q = o % columns.Outputs, plane = o / columns.Outputs / rows.Outputs;
        return (((plane * rows.Length) + rows.Start(p)) * columns.Length) + columns.Start(q);
    }
}
