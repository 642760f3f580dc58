using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Fovea.Core.Shapes;

namespace Fovea.Core.Kernels.Resampling;

// source    rows.Inputs × columns.Inputs × unit      one channel (unit 1), or a block of sixteen (unit 16)
// target    rows.Outputs × columns.Outputs × unit
// row       a row of the source, mixed or copied, with Slack floats behind it
// kept      rows of the source whose columns are those of the target, of one channel

/// <summary>
/// Padding and enlarging, and their gradients, which are the same with transposed axes: every row of the target is mixed from
/// rows of the source, its pixels from pixels of that. Nothing is added up in memory that another worker sees.
/// </summary>
/// <remarks>
/// The columns of one channel are found by permutations, which cost more than rows do: where rows grow more numerous they come first,
/// once for each row of the source.
/// </remarks>
public static unsafe partial class SeparableKernel
{
    // A group of sixteen reads 32 from any place of a row.
    private const int Slack = AxisTaps.Span;

    // Source rows that are kept, each at its number's last digit.
    private const int Kept = 4;

    /// <summary>Floats of a worker's scratch.</summary>
    public static long ScratchFloats(AxisTaps columns, int unit) =>
        RowFloats(columns, unit) + (unit == 1 ? Kept * InLines(columns.Outputs) : 0);

    /// <summary>Rows <paramref name="from"/> to <paramref name="to"/> of the target, every element written.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Run(AxisTaps rows, AxisTaps columns, int unit, float* source, float* target, int from, int to, float* scratch)
    {
        fixed (int* rowOffset = rows.Offset, rowSources = rows.Source, sources = columns.Source, near = columns.Near, offset = columns.Offset, bases = columns.Base)
        fixed (float* rowWeights = rows.Weight, weights = columns.Weight)
        fixed (bool* lacks = columns.Lacks, close = columns.IsClose)
        {
            Rows axis = new() { Inputs = rows.Inputs, Offset = rowOffset, Sources = rowSources, Weights = rowWeights };
            Columns across = new() { Inputs = columns.Inputs, Outputs = columns.Outputs, Sources = sources, Near = near, Offset = offset, Base = bases, Weights = weights, Lacks = lacks, IsClose = close };
            if (unit != 1)
            {
                BlocksOfRows(axis, across, source, target, from, to, scratch);
            }
            else if (rows.Outputs > rows.Inputs && rows.Reach < Kept)
            {
                ColumnsFirst(axis, across, source, target, from, to, scratch);
            }
            else
            {
                RowsFirst(axis, across, source, target, from, to, scratch);
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
            RowTaps taps = rows.Of(p);
            int only = taps.Only;
            if (taps.Count == 0)
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
                    Mix(taps, source, width, -1, width, row);
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

    // A row mixed from rows that lie so many floats apart, each at its number under a mask.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Mix(RowTaps taps, float* source, long apart, int mask, int width, float* row)
    {
        int* sources = taps.Sources;
        float* weights = taps.Weights;
        float* a = source + ((sources[0] & mask) * apart), b = taps.Count > 1 ? source + ((sources[AxisTaps.Lanes] & mask) * apart) : a;
        Vector512<float> u = Vector512.Create(weights[0]), v = taps.Count > 1 ? Vector512.Create(weights[AxisTaps.Lanes]) : default;
        for (int i = 0; i < width; i += AxisTaps.Lanes)
        {
            int count = width - i;
            Vector512<float> sum = Sixteen.Load(a + i, count) * u;
            sum = taps.Count > 1 ? sum + (Sixteen.Load(b + i, count) * v) : sum;
            for (int t = 2; t < taps.Count; t++)
            {
                sum += Sixteen.Load(source + ((sources[t * AxisTaps.Lanes] & mask) * apart) + i, count) * Vector512.Create(weights[t * AxisTaps.Lanes]);
            }

            Sixteen.Store(sum, row + i, count);
        }
    }

    private ref struct Rows
    {
        public int Inputs;
        public int* Offset;
        public int* Sources;
        public float* Weights;

        /// <summary>What a row of the target is made of.</summary>
        public readonly RowTaps Of(int row)
        {
            int group = row / AxisTaps.Lanes, first = (Offset[group] * AxisTaps.Lanes) + (row % AxisTaps.Lanes), last = Offset[group + 1] * AxisTaps.Lanes;
            int count = 0;
            for (int at = first; at < last && Sources[at] >= 0; at += AxisTaps.Lanes)
            {
                count++;
            }

            return new() { Sources = Sources + first, Weights = Weights + first, Count = count };
        }
    }

    // Sixteen places apart.
    private struct RowTaps
    {
        public int* Sources;
        public float* Weights;
        public int Count;

        /// <summary>The row of which it is a copy; −1 for a mix.</summary>
        public readonly int Only => Count == 1 && Weights[0] == 1 ? Sources[0] : -1;
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
        public bool* IsClose;
    }
}
