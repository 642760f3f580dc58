using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Fovea.Core.Shapes;

namespace Fovea.Core.Kernels.Resampling;

public static unsafe partial class SeparableKernel
{
    // Of one channel, row by row. The next row is mixed before the columns of one are found: what has just been stored cannot be
    // read at other places at once.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Planes(in Rows rows, in Columns columns, float* source, float* target, int from, int to, float* scratch)
    {
        int made = columns.Outputs;
        long room = InLines(columns.Inputs + Slack);
        float* ahead = source + ((long)rows.Inputs * columns.Inputs);
        int lines = from == 0 && to > 0 ? (rows.Inputs * columns.Inputs / (to * AxisTaps.Lanes)) + 1 : 0;
        float* row = from < to ? Row(rows, columns, source, from, scratch) : null;
        for (int p = from; p < to; p++)
        {
            float* into = target + ((long)p * made);
            float* next = p + 1 < to ? Row(rows, columns, source, p + 1, scratch + ((p + 1 - from) % 2 * room)) : null;
            if (row == null)
            {
                new Span<float>(into, made).Clear();
            }
            else
            {
                Pixels(columns, row, into, made);
            }

            // Meanwhile the next channel is fetched.
            for (int i = 0; i < lines && Sse.IsSupported; i++)
            {
                Sse.Prefetch0(ahead);
                ahead += AxisTaps.Lanes;
            }

            row = next;
        }
    }

    // The row of the source that a row of the target is made of, mixed or as it is; null for none.
    private static float* Row(in Rows rows, in Columns columns, float* source, int p, float* scratch)
    {
        int taps = rows.Taps(p, out int* sources, out float* weights);
        if (taps == 0)
        {
            return null;
        }

        if (taps == 1 && weights[0] == 1)
        {
            return Readable(rows, columns, source, sources[0], scratch);
        }

        Mix(sources, weights, taps, source, columns.Inputs, (int)InLines(columns.Inputs), scratch);
        return scratch;
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

    // The pixels of a row, sixteen at a time. No call among the vectors: it would drive them out of their registers.
    private static void Pixels(in Columns columns, float* row, float* into, int writable)
    {
        if (!Avx512F.IsSupported || !columns.HasBases)
        {
            PixelsApart(columns, row, into, writable);
        }
        else if (columns.IsClose)
        {
            PixelsOfSixteen(columns, row, into, writable);
        }
        else
        {
            PixelsOfTwice(columns, row, into, writable);
        }
    }

    // Found by permutations of sixteen that lie together.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void PixelsOfSixteen(in Columns columns, float* row, float* into, int writable)
    {
        int* near = columns.Near, bases = columns.Base, offset = columns.Offset;
        float* weights = columns.Weights;
        int outputs = columns.Outputs, t = 0;
        for (int first = 0; first < outputs; first += AxisTaps.Lanes)
        {
            int end = *++offset;
            Vector512<float> sum = Vector512<float>.Zero;
            for (; t < end; t++)
            {
                sum += Avx512F.PermuteVar16x32(Vector512.Load(row + bases[t]), Vector512.Load(near + (t * AxisTaps.Lanes))) * Vector512.Load(weights + (t * AxisTaps.Lanes));
            }

            Sixteen.Store(sum, into + first, writable - first);
        }
    }

    // Of twice as many, where some may be lacking: what a position lacks must not show, whatever stands there.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void PixelsOfTwice(in Columns columns, float* row, float* into, int writable)
    {
        int* near = columns.Near, bases = columns.Base, offset = columns.Offset, sources = columns.Sources;
        float* weights = columns.Weights;
        bool* lacks = columns.Lacks;
        int outputs = columns.Outputs, t = 0;
        for (int first = 0; first < outputs; first += AxisTaps.Lanes)
        {
            int end = *++offset;
            Vector512<float> sum = Vector512<float>.Zero;
            for (; t < end; t++)
            {
                float* start = row + bases[t];
                Vector512<float> value = Avx512F.PermuteVar16x32x2(Vector512.Load(start), Vector512.Load(near + (t * AxisTaps.Lanes)), Vector512.Load(start + AxisTaps.Lanes));
                value *= Vector512.Load(weights + (t * AxisTaps.Lanes));
                if (lacks[t])
                {
                    value = Vector512.AndNot(value, Vector512.LessThan(Vector512.Load(sources + (t * AxisTaps.Lanes)), Vector512<int>.Zero).AsSingle());
                }

                sum += value;
            }

            Sixteen.Store(sum, into + first, writable - first);
        }
    }

    // One by one, of any.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void PixelsApart(in Columns columns, float* row, float* into, int writable)
    {
        for (int q = 0; q < Math.Min(columns.Outputs, writable); q++)
        {
            int first = (columns.Offset[q / AxisTaps.Lanes] * AxisTaps.Lanes) + (q % AxisTaps.Lanes), last = columns.Offset[(q / AxisTaps.Lanes) + 1] * AxisTaps.Lanes;
            float sum = 0;
            for (int at = first; at < last && columns.Sources[at] >= 0; at += AxisTaps.Lanes)
            {
                sum += row[columns.Sources[at]] * columns.Weights[at];
            }

            into[q] = sum;
        }
    }
}
