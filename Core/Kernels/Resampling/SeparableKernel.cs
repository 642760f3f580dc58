using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Fovea.Core.Shapes;

namespace Fovea.Core.Kernels.Resampling;

// source    rows.Inputs × columns.Inputs × unit      one channel (unit 1), or a block of sixteen (unit 16)
// target    rows.Outputs × columns.Outputs × unit
// row       a row of the source, mixed, with Slack floats behind it
// made      a row of the target of one channel, in whole groups of sixteen

/// <summary>
/// Padding and enlarging, and their gradients, which are the same with transposed axes: every row of the target is mixed from
/// rows of the source, then its pixels from pixels of that. Nothing is added up in memory that another worker sees.
/// </summary>
public static unsafe class SeparableKernel
{
    // A group of sixteen reads 32 from any place of a row.
    private const int Slack = AxisTaps.Span;

    /// <summary>Floats of a worker's scratch.</summary>
    public static long ScratchFloats(AxisTaps columns, int unit) =>
        ((long)columns.Inputs * unit) + Slack + (unit == 1 ? columns.Outputs + AxisTaps.Lanes : 0);

    /// <summary>Rows <paramref name="from"/> to <paramref name="to"/> of the target, every element written.</summary>
    public static void Run(AxisTaps rows, AxisTaps columns, int unit, float* source, float* target, int from, int to, float* scratch)
    {
        int width = columns.Inputs * unit, made = columns.Outputs * unit;
        int before = -1;
        for (int p = from; p < to; p++)
        {
            float* into = target + ((long)p * made);
            int first = rows.Offset[p / AxisTaps.Lanes], last = rows.Offset[(p / AxisTaps.Lanes) + 1], lane = p % AxisTaps.Lanes;
            int taps = Count(rows, first, last, lane), only = taps == 1 && rows.Weight[(first * AxisTaps.Lanes) + lane] == 1 ? rows.Source[(first * AxisTaps.Lanes) + lane] : -1;
            if (taps == 0)
            {
                new Span<float>(into, made).Clear();
            }
            else if (only >= 0 && only == before)
            {
                new Span<float>(into - made, made).CopyTo(new(into, made));
            }
            else if (unit != 1)
            {
                float* row = only >= 0 ? source + ((long)only * width) : Mix(rows, first, taps, lane, source, width, scratch);
                Blocks16(columns, row, into);
            }
            else
            {
                Planes(columns, Mix(rows, first, taps, lane, source, width, scratch), scratch + width + Slack);
                new Span<float>(scratch + width + Slack, made).CopyTo(new(into, made));
            }

            before = only;
        }
    }

    private static int Count(AxisTaps axis, int first, int last, int lane)
    {
        int count = 0;
        while (first + count < last && axis.Source[((first + count) * AxisTaps.Lanes) + lane] >= 0)
        {
            count++;
        }

        return count;
    }

    // A row of the source mixed for a row of the target, two taps at a time.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static float* Mix(AxisTaps rows, int first, int taps, int lane, float* source, int width, float* row)
    {
        for (int t = 0; t < taps; t += 2)
        {
            int at = ((first + t) * AxisTaps.Lanes) + lane, next = at + AxisTaps.Lanes;
            float* a = source + ((long)rows.Source[at] * width);
            bool single = t + 1 == taps;
            float* b = single ? a : source + ((long)rows.Source[next] * width);
            Add(a, rows.Weight[at], b, single ? 0 : rows.Weight[next], single, t > 0, row, width);
        }

        return row;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Add(float* a, float u, float* b, float v, bool single, bool onto, float* row, int count)
    {
        int i = 0;
        Vector512<float> wide = Vector512.Create(u), other = Vector512.Create(v);
        for (; i + 16 <= count; i += 16)
        {
            Vector512<float> sum = Vector512.Load(a + i) * wide;
            sum = single ? sum : sum + (Vector512.Load(b + i) * other);
            (onto ? Vector512.Load(row + i) + sum : sum).Store(row + i);
        }

        for (; i < count; i++)
        {
            float sum = a[i] * u;
            sum = single ? sum : sum + (b[i] * v);
            row[i] = onto ? row[i] + sum : sum;
        }
    }

    // The pixels of a row of blocks.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Blocks16(AxisTaps columns, float* row, float* into)
    {
        fixed (int* sources = columns.Source, offset = columns.Offset)
        fixed (float* weights = columns.Weight)
        {
            for (int q = 0; q < columns.Outputs; q++)
            {
                int first = (offset[q / AxisTaps.Lanes] * AxisTaps.Lanes) + (q % AxisTaps.Lanes), last = offset[(q / AxisTaps.Lanes) + 1] * AxisTaps.Lanes;
                Vector512<float> sum = Vector512<float>.Zero;
                for (int at = first; at < last && sources[at] >= 0; at += AxisTaps.Lanes)
                {
                    Vector512<float> term = Vector512.Load(row + ((long)sources[at] * Blocks.Width)) * Vector512.Create(weights[at]);
                    sum = at == first ? term : sum + term;
                }

                sum.Store(into + ((long)q * Blocks.Width));
            }
        }
    }

    // Sixteen pixels of one channel at a time, found by a permutation of 32 that lie together.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Planes(AxisTaps columns, float* row, float* into)
    {
        float* found = stackalloc float[AxisTaps.Lanes];
        fixed (int* sources = columns.Source, offset = columns.Offset, bases = columns.Base)
        fixed (float* weights = columns.Weight)
        {
            for (int g = 0; g * AxisTaps.Lanes < columns.Outputs; g++)
            {
                Vector512<float> sum = Vector512<float>.Zero;
                for (int t = offset[g]; t < offset[g + 1]; t++)
                {
                    Vector512<int> at = Vector512.Load(sources + (t * AxisTaps.Lanes));
                    Vector512<float> value;
                    if (Avx512F.IsSupported && bases[t] >= 0)
                    {
                        float* start = row + bases[t];
                        value = Avx512F.PermuteVar16x32x2(Vector512.Load(start), at - Vector512.Create(bases[t]), Vector512.Load(start + 16));
                    }
                    else
                    {
                        for (int lane = 0; lane < AxisTaps.Lanes; lane++)
                        {
                            int one = sources[(t * AxisTaps.Lanes) + lane];
                            found[lane] = one < 0 ? 0 : row[one];
                        }

                        value = Vector512.Load(found);
                    }

                    // What a position lacks must not show, whatever stands there.
                    Vector512<float> lacks = Vector512.LessThan(at, Vector512<int>.Zero).AsSingle();
                    sum += Vector512.AndNot(value * Vector512.Load(weights + (t * AxisTaps.Lanes)), lacks);
                }

                sum.Store(into + (g * AxisTaps.Lanes));
            }
        }
    }
}
