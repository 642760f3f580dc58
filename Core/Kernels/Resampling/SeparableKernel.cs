using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Fovea.Core.Shapes;

namespace Fovea.Core.Kernels.Resampling;

// source    rows.Inputs × columns.Inputs × unit      one channel (unit 1), or a block of sixteen (unit 16)
// target    rows.Outputs × columns.Outputs × unit
// row       a row of the source, mixed, with Slack floats behind it

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
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Run(AxisTaps rows, AxisTaps columns, int unit, float* source, float* target, int from, int to, float* scratch)
    {
        fixed (int* rowSources = rows.Source, sources = columns.Source, offset = columns.Offset, bases = columns.Base)
        fixed (float* rowWeights = rows.Weight, weights = columns.Weight)
        fixed (bool* lacks = columns.Lacks)
        {
            Columns axis = new() { Outputs = columns.Outputs, Sources = sources, Offset = offset, Base = bases, Weights = weights, Lacks = lacks };
            int width = columns.Inputs * unit, made = columns.Outputs * unit, spill = ((columns.Outputs + AxisTaps.Lanes - 1) / AxisTaps.Lanes * AxisTaps.Lanes) - columns.Outputs;
            int before = -1;
            for (int p = from; p < to; p++)
            {
                float* into = target + ((long)p * made);
                int group = p / AxisTaps.Lanes, first = (rows.Offset[group] * AxisTaps.Lanes) + (p % AxisTaps.Lanes), last = rows.Offset[group + 1] * AxisTaps.Lanes;
                int taps = 0;
                for (int at = first; at < last && rowSources[at] >= 0; at += AxisTaps.Lanes)
                {
                    taps++;
                }

                int only = taps == 1 && rowWeights[first] == 1 ? rowSources[first] : -1;
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
                    float* row = only >= 0 ? source + ((long)only * width) : Mix(rowSources + first, rowWeights + first, taps, source, width, scratch);
                    Blocks16(axis, row, into);
                }
                else if ((long)(to - 1 - p) * made >= spill)
                {
                    // What is written past this row's end is written again with the next.
                    Planes(axis, Mix(rowSources + first, rowWeights + first, taps, source, width, scratch), into);
                }
                else
                {
                    float* whole = scratch + width + Slack;
                    Planes(axis, Mix(rowSources + first, rowWeights + first, taps, source, width, scratch), whole);
                    new Span<float>(whole, made).CopyTo(new(into, made));
                }

                before = only;
            }
        }
    }

    // A row of the source mixed for a row of the target. The last sixteen overlap with those before them.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static float* Mix(int* sources, float* weights, int taps, float* source, int width, float* row)
    {
        float* a = source + ((long)sources[0] * width), b = taps > 1 ? source + ((long)sources[AxisTaps.Lanes] * width) : a;
        Vector512<float> u = Vector512.Create(weights[0]), v = taps > 1 ? Vector512.Create(weights[AxisTaps.Lanes]) : default;
        for (int next = 0; width >= 16 && next < width; next += 16)
        {
            int i = Math.Min(next, width - 16);
            Vector512<float> sum = Vector512.Load(a + i) * u;
            sum = taps > 1 ? sum + (Vector512.Load(b + i) * v) : sum;
            for (int t = 2; t < taps; t++)
            {
                sum += Vector512.Load(source + ((long)sources[t * AxisTaps.Lanes] * width) + i) * Vector512.Create(weights[t * AxisTaps.Lanes]);
            }

            sum.Store(row + i);
        }

        for (int i = 0; width < 16 && i < width; i++)
        {
            float sum = a[i] * weights[0];
            for (int t = 1; t < taps; t++)
            {
                sum += source[((long)sources[t * AxisTaps.Lanes] * width) + i] * weights[t * AxisTaps.Lanes];
            }

            row[i] = sum;
        }

        return row;
    }

    // The pixels of a row of blocks.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Blocks16(in Columns columns, float* row, float* into)
    {
        for (int q = 0; q < columns.Outputs; q++)
        {
            int first = (columns.Offset[q / AxisTaps.Lanes] * AxisTaps.Lanes) + (q % AxisTaps.Lanes), last = columns.Offset[(q / AxisTaps.Lanes) + 1] * AxisTaps.Lanes;
            Vector512<float> sum = Vector512<float>.Zero;
            for (int at = first; at < last && columns.Sources[at] >= 0; at += AxisTaps.Lanes)
            {
                sum += Vector512.Load(row + ((long)columns.Sources[at] * Blocks.Width)) * Vector512.Create(columns.Weights[at]);
            }

            sum.Store(into + ((long)q * Blocks.Width));
        }
    }

    // Sixteen pixels of one channel at a time, found by a permutation of 32 that lie together.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Planes(in Columns columns, float* row, float* into)
    {
        float* found = stackalloc float[AxisTaps.Lanes];
        int* sources = columns.Sources, bases = columns.Base;
        for (int g = 0; g * AxisTaps.Lanes < columns.Outputs; g++)
        {
            Vector512<float> sum = Vector512<float>.Zero;
            for (int t = columns.Offset[g]; t < columns.Offset[g + 1]; t++)
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

                value *= Vector512.Load(columns.Weights + (t * AxisTaps.Lanes));
                // What a position lacks must not show, whatever stands there.
                sum += columns.Lacks[t] ? Vector512.AndNot(value, Vector512.LessThan(at, Vector512<int>.Zero).AsSingle()) : value;
            }

            sum.Store(into + (g * AxisTaps.Lanes));
        }
    }

    private ref struct Columns
    {
        public int Outputs;
        public int* Sources;
        public int* Offset;
        public int* Base;
        public float* Weights;
        public bool* Lacks;
    }
}
