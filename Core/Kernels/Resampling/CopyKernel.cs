using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Fovea.Core.Shapes;

namespace Fovea.Core.Kernels.Resampling;

// x   H × W × unit     one channel (unit 1), or a block of sixteen (unit 16)
// y   P × Q × unit

/// <summary>Padding, and enlarging by the nearest pixel: every output a copy or a zero.</summary>
public static unsafe class CopyKernel
{
    /// <summary>y.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Forward(ReadOnlySpan<int> rows, ReadOnlySpan<int> columns, int width, int unit, float* x, float* y)
    {
        for (int p = 0; p < rows.Length; p++)
        {
            float* target = y + ((long)p * columns.Length * unit);
            if (rows[p] < 0)
            {
                new Span<float>(target, columns.Length * unit).Clear();
                continue;
            }

            float* source = x + ((long)rows[p] * width * unit);
            for (int q = 0; q < columns.Length; q++)
            {
                int from = columns[q];
                if (unit == 1)
                {
                    target[q] = from < 0 ? 0 : source[from];
                }
                else
                {
                    Vector512<float> value = from < 0 ? Vector512<float>.Zero : Vector512.Load(source + ((long)from * Blocks.Width));
                    value.Store(target + ((long)q * Blocks.Width));
                }
            }
        }
    }

    /// <summary>dx, every element written; the copies are added row by row.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Backward(ReadOnlySpan<int> rows, ReadOnlySpan<int> columns, int height, int width, int unit, float* dy, float* dx)
    {
        new Span<float>(dx, height * width * unit).Clear();
        for (int p = 0; p < rows.Length; p++)
        {
            if (rows[p] < 0)
            {
                continue;
            }

            float* target = dx + ((long)rows[p] * width * unit);
            float* source = dy + ((long)p * columns.Length * unit);
            for (int q = 0; q < columns.Length; q++)
            {
                int to = columns[q];
                if (to >= 0 && unit == 1)
                {
                    target[to] += source[q];
                }
                else if (to >= 0)
                {
                    float* at = target + ((long)to * Blocks.Width);
                    (Vector512.Load(at) + Vector512.Load(source + ((long)q * Blocks.Width))).Store(at);
                }
            }
        }
    }
}
