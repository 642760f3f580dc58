using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Fovea.Core.Shapes;

namespace Fovea.Core.Kernels.Resampling;

public static unsafe partial class SeparableKernel
{
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void ColumnsFirst(in Rows rows, in Columns columns, float* source, float* target, int from, int to, float* scratch)
    {
        int made = columns.Outputs;
        long apart = InLines(made);
        float* kept = scratch + InLines(columns.Inputs + Slack);
        int* numbers = stackalloc int[Kept];
        new Span<int>(numbers, Kept).Fill(-1);
        for (int p = from; p < to; p++)
        {
            float* into = target + ((long)p * made);
            RowTaps taps = rows.Of(p);
            for (int t = 0; t < taps.Count; t++)
            {
                int number = taps.Sources[t * AxisTaps.Lanes], place = number & (Kept - 1);
                if (numbers[place] != number)
                {
                    Pixels(columns, Readable(rows, columns, source, number, scratch), kept + (place * apart));
                    numbers[place] = number;
                }
            }

            if (taps.Count == 0)
            {
                new Span<float>(into, made).Clear();
            }
            else
            {
                Mix(taps, kept, apart, Kept - 1, made, into);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void RowsFirst(in Rows rows, in Columns columns, float* source, float* target, int from, int to, float* scratch)
    {
        int width = columns.Inputs, made = columns.Outputs;
        for (int p = from; p < to; p++)
        {
            float* into = target + ((long)p * made);
            RowTaps taps = rows.Of(p);
            if (taps.Count == 0)
            {
                new Span<float>(into, made).Clear();
            }
            else if (taps.Only >= 0)
            {
                Pixels(columns, Readable(rows, columns, source, taps.Only, scratch), into);
            }
            else
            {
                Mix(taps, source, width, -1, width, scratch);
                Pixels(columns, scratch, into);
            }
        }
    }

    // A row of the source: where it lies, if the plane goes on behind it for as many floats as are read.
    private static float* Readable(in Rows rows, in Columns columns, float* source, int row, float* scratch)
    {
        int width = columns.Inputs;
        float* lies = source + ((long)row * width);
        if ((((long)row + 1) * width) + Slack <= (long)rows.Inputs * width)
        {
            return lies;
        }

        new Span<float>(lies, width).CopyTo(new(scratch, width));
        return scratch;
    }

    // Sixteen pixels at a time, found by a permutation of 16 or 32 that lie together.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Pixels(in Columns columns, float* row, float* into)
    {
        int* near = columns.Near, bases = columns.Base, sources = columns.Sources;
        float* weights = columns.Weights;
        int outputs = columns.Outputs, t = 0;
        for (int first = 0, g = 1; first < outputs; first += AxisTaps.Lanes, g++)
        {
            Vector512<float> sum = Vector512<float>.Zero;
            for (int end = columns.Offset[g]; t < end; t++)
            {
                Vector512<float> value;
                if (Avx512F.IsSupported && bases[t] >= 0)
                {
                    float* start = row + bases[t];
                    Vector512<int> at = Vector512.Load(near + (t * AxisTaps.Lanes));
                    value = columns.IsClose[t]
                        ? Avx512F.PermuteVar16x32(Vector512.Load(start), at)
                        : Avx512F.PermuteVar16x32x2(Vector512.Load(start), at, Vector512.Load(start + AxisTaps.Lanes));
                }
                else
                {
                    value = Scattered(row, sources + (t * AxisTaps.Lanes));
                }

                value *= Vector512.Load(weights + (t * AxisTaps.Lanes));
                // What a position lacks must not show, whatever stands there.
                sum += columns.Lacks[t] ? Vector512.AndNot(value, Vector512.LessThan(Vector512.Load(sources + (t * AxisTaps.Lanes)), Vector512<int>.Zero).AsSingle()) : value;
            }

            Sixteen.Store(sum, into + first, outputs - first);
        }
    }

    private static Vector512<float> Scattered(float* row, int* sources)
    {
        float* found = stackalloc float[AxisTaps.Lanes];
        for (int lane = 0; lane < AxisTaps.Lanes; lane++)
        {
            found[lane] = sources[lane] < 0 ? 0 : row[sources[lane]];
        }

        return Vector512.Load(found);
    }
}
