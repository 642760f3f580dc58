using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Fovea.Core.Shapes;

namespace Fovea.Core.Kernels.Pooling;

// x   H × W × unit     one channel, or a block of sixteen
// y   P × Q × unit

/// <summary>Enlarging by the nearest pixel, of planes (unit 1) and of blocks (unit 16).</summary>
public static unsafe class UpsamplingKernel
{
    /// <summary>y.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Forward(AdaptiveWindow rows, AdaptiveWindow columns, int unit, float* x, float* y)
    {
        for (int p = 0; p < rows.Outputs; p++)
        {
            float* source = x + ((long)rows.Start(p) * columns.Length * unit);
            float* target = y + ((long)p * columns.Outputs * unit);
            for (int q = 0; q < columns.Outputs; q++)
            {
                int from = columns.Start(q);
                if (unit == 1)
                {
                    target[q] = source[from];
                }
                else
                {
                    Vector512.Load(source + ((long)from * 16)).Store(target + ((long)q * 16));
                }
            }
        }
    }

    /// <summary>dx, every element written; the copies are added row by row.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Backward(AdaptiveWindow rows, AdaptiveWindow columns, int unit, float* dy, float* dx)
    {
        new Span<float>(dx, rows.Length * columns.Length * unit).Clear();
        for (int p = 0; p < rows.Outputs; p++)
        {
            float* target = dx + ((long)rows.Start(p) * columns.Length * unit);
            float* source = dy + ((long)p * columns.Outputs * unit);
            for (int q = 0; q < columns.Outputs; q++)
            {
                int to = columns.Start(q);
                if (unit == 1)
                {
                    target[to] += source[q];
                }
                else
                {
                    (Vector512.Load(target + ((long)to * 16)) + Vector512.Load(source + ((long)q * 16))).Store(target + ((long)to * 16));
                }
            }
        }
    }
}
