using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Fovea.Core.Shapes;

namespace Fovea.Core.Kernels.Resampling;

// source    rows.Inputs × columns.Inputs × unit      one channel (unit 1), or a block of sixteen (unit 16)
// target    rows.Outputs × columns.Outputs × unit
// row       a row of the source, mixed or copied, with Slack floats behind it

/// <summary>
/// Padding and enlarging, and their gradients, which are the same with transposed axes: every row of the target is mixed from
/// rows of the source, its pixels from pixels of that. Nothing is added up in memory that another worker sees.
/// </summary>
public static unsafe partial class SeparableKernel
{
    // A group of sixteen reads 32 from any place of a row.
    private const int Slack = AxisTaps.Span;

    /// <summary>Floats of a worker's scratch.</summary>
    public static long ScratchFloats(AxisTaps columns, int unit) =>
        2 * RowFloats(columns, unit);

    /// <summary>Rows <paramref name="from"/> to <paramref name="to"/> of the target, every element written.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Run(AxisTaps rows, AxisTaps columns, int unit, float* source, float* target, int from, int to, float* scratch)
    {
        fixed (int* rowOffset = rows.Offset, rowSources = rows.Source, sources = columns.Source, near = columns.Near, offset = columns.Offset, bases = columns.Base)
        fixed (float* rowWeights = rows.Weight, weights = columns.Weight)
        fixed (bool* lacks = columns.Lacks)
        {
            Rows axis = new() { Inputs = rows.Inputs, Offset = rowOffset, Sources = rowSources, Weights = rowWeights };
            Columns across = new() { Inputs = columns.Inputs, Outputs = columns.Outputs, Sources = sources, Near = near, Offset = offset, Base = bases, Weights = weights, Lacks = lacks, HasBases = columns.HasBases, IsClose = columns.IsClose };
            if (unit != 1)
            {
                BlocksOfRows(axis, across, source, target, from, to, scratch);
            }
            else if (IsEnlarging(rows, columns))
            {
                Enlarge(axis, across, source, target, from, to, scratch);
            }
            else
            {
                Planes(axis, across, source, target, from, to, scratch);
            }
        }
    }

    private static long RowFloats(AxisTaps columns, int unit) => InLines(((long)columns.Inputs * unit) + Slack);

    // Whole cache lines, which are whole groups as well.
    private static long InLines(long floats) => (floats + AxisTaps.Lanes - 1) / AxisTaps.Lanes * AxisTaps.Lanes;

    // Sixteen channels of a pixel at a time.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void BlocksOfRows(in Rows rows, in Columns columns, float* source, float* target, int from, int to, float* scratch)
    {
        int width = columns.Inputs * Blocks.Width, made = columns.Outputs * Blocks.Width;
        int before = -1;
        for (int p = from; p < to; p++)
        {
            float* into = target + ((long)p * made);
            int taps = rows.Taps(p, out int* sources, out float* weights);
            int only = taps == 1 && weights[0] == 1 ? sources[0] : -1;
            if (taps == 0)
            {
                new Span<float>(into, made).Clear();
            }
            else if (only >= 0 && only == before)
            {
                new Span<float>(into - made, made).CopyTo(new(into, made));
            }
            else
            {
                float* row = source + ((long)only * width);
                if (only < 0)
                {
                    row = scratch;
                    Mix(sources, weights, taps, source, width, width, row);
                }

                BlocksOfPixels(columns, row, into);
            }

            before = only;
        }
    }

    // The pixels of a row of blocks.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void BlocksOfPixels(in Columns columns, float* row, float* into)
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

    // A row mixed from rows, as many floats of it as may be written.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Mix(int* sources, float* weights, int taps, float* source, int width, int writable, float* row)
    {
        float* a = source + ((long)sources[0] * width), b = taps > 1 ? source + ((long)sources[AxisTaps.Lanes] * width) : a;
        Vector512<float> u = Vector512.Create(weights[0]), v = taps > 1 ? Vector512.Create(weights[AxisTaps.Lanes]) : default;
        for (int i = 0; i < width; i += AxisTaps.Lanes)
        {
            int left = width - i;
            Vector512<float> sum = Sixteen.Load(a + i, left) * u;
            sum = taps > 1 ? sum + (Sixteen.Load(b + i, left) * v) : sum;
            for (int t = 2; t < taps; t++)
            {
                sum += Sixteen.Load(source + ((long)sources[t * AxisTaps.Lanes] * width) + i, left) * Vector512.Create(weights[t * AxisTaps.Lanes]);
            }

            Sixteen.Store(sum, row + i, writable - i);
        }
    }

    private ref struct Rows
    {
        public int Inputs;
        public int* Offset;
        public int* Sources;
        public float* Weights;

        /// <summary>How many rows a row of the target is made of; their numbers and weights, sixteen places apart.</summary>
        public readonly int Taps(int row, out int* sources, out float* weights)
        {
            int group = row / AxisTaps.Lanes, first = (Offset[group] * AxisTaps.Lanes) + (row % AxisTaps.Lanes), last = Offset[group + 1] * AxisTaps.Lanes;
            int end = first;
            while (end < last && Sources[end] >= 0)
            {
                end += AxisTaps.Lanes;
            }

            sources = Sources + first;
            weights = Weights + first;
            return (end - first) / AxisTaps.Lanes;
        }
    }

    private ref struct Columns
    {
        public int Inputs;
        public int Outputs;
        public int* Sources;
        public int* Near;
        public int* Offset;
        public int* Base;
        public float* Weights;
        public bool* Lacks;
        public bool HasBases;
        public bool IsClose;
    }
}
