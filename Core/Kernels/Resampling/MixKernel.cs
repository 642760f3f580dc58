using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Fovea.Core.Shapes;

namespace Fovea.Core.Kernels.Resampling;

// x   H × W × unit     one channel (unit 1), or a block of sixteen (unit 16)
// y   P × Q × unit

/// <summary>Enlarging by interpolation: every output a mix of two by two inputs.</summary>
public static unsafe class MixKernel
{
    /// <summary>y.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Forward(ResampledAxis rows, ResampledAxis columns, int unit, float* x, float* y)
    {
        int[] firsts = columns.First, seconds = columns.Second;
        double[] shares = columns.Share;
        for (int p = 0; p < rows.Outputs; p++)
        {
            float* above = x + ((long)rows.First[p] * columns.Length * unit);
            float* below = x + ((long)rows.Second[p] * columns.Length * unit);
            float* target = y + ((long)p * columns.Outputs * unit);
            float down = (float)rows.Share[p], up = (float)(1 - rows.Share[p]);
            for (int q = 0; q < firsts.Length; q++)
            {
                long i = (long)firsts[q] * unit, j = (long)seconds[q] * unit;
                float right = (float)shares[q], left = (float)(1 - shares[q]);
                if (unit == 1)
                {
                    target[q] = (up * ((left * above[i]) + (right * above[j]))) + (down * ((left * below[i]) + (right * below[j])));
                }
                else
                {
                    Vector512<float> upper = (Vector512.Load(above + i) * left) + (Vector512.Load(above + j) * right);
                    Vector512<float> lower = (Vector512.Load(below + i) * left) + (Vector512.Load(below + j) * right);
                    ((upper * up) + (lower * down)).Store(target + ((long)q * Blocks.Width));
                }
            }
        }
    }

    /// <summary>dx, every element written; the shares are added row by row.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Backward(ResampledAxis rows, ResampledAxis columns, int unit, float* dy, float* dx)
    {
        int[] firsts = columns.First, seconds = columns.Second;
        double[] shares = columns.Share;
        new Span<float>(dx, rows.Length * columns.Length * unit).Clear();
        for (int p = 0; p < rows.Outputs; p++)
        {
            float* above = dx + ((long)rows.First[p] * columns.Length * unit);
            float* below = dx + ((long)rows.Second[p] * columns.Length * unit);
            float* source = dy + ((long)p * columns.Outputs * unit);
            float down = (float)rows.Share[p], up = (float)(1 - rows.Share[p]);
            for (int q = 0; q < firsts.Length; q++)
            {
                long i = (long)firsts[q] * unit, j = (long)seconds[q] * unit;
                float right = (float)shares[q], left = (float)(1 - shares[q]);
                float* from = source + ((long)q * unit);
                Add(above + i, up * left, from, unit);
                Add(above + j, up * right, from, unit);
                Add(below + i, down * left, from, unit);
                Add(below + j, down * right, from, unit);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Add(float* target, float share, float* source, int unit)
    {
        if (unit == 1)
        {
            *target += share * *source;
        }
        else
        {
            (Vector512.Load(target) + (Vector512.Load(source) * share)).Store(target);
        }
    }
}
