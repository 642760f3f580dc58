using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Fovea.Core.Shapes;

namespace Fovea.Core.Kernels;

/// <summary>
/// Copies the source rows that a band of targets reads into scratch: padding written out as zeros, columns that leave
/// the same remainder by the stride side by side, plain images turned into blocks. After that no kernel meets a border.
/// </summary>
/// <remarks>
/// <code>
/// source  blocked: [block][row][column][16]; plain: [channel][row][column]
/// band    [block][row of the band][phase][column / step][16]; stem: [channel][row of the band][phase][column / step]
/// </code>
/// </remarks>
[SkipLocalsInit]
internal static unsafe class BandCopy
{
    /// <summary>Copies the rows from <paramref name="firstRow"/> on, of a range of blocks, of one image and group.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Run(in Correlation c, float* source, int block0, int block1, int firstRow, float* band)
    {
        int step = c.Rows.Step;
        int planes = c.Stem ? c.SourceChannels : block1 - block0;
        int lanes = c.Stem || c.PlainSource ? 1 : Blocks.Width;
        nint channels = c.PlainSource && !c.Stem ? Blocks.Width : 1;
        for (int row = 0; row < c.BandRows; row++)
        {
            if (step > 1 && !c.Rows.Visits(row % step))
            {
                continue;
            }

            int from = firstRow + row;
            bool inside = from >= 0 && from < c.Rows.Sources;
            for (int plane = 0; plane < planes; plane++)
            {
                float* target = band + ((nint)plane * c.PlaneFloats) + ((nint)row * c.RowFloats);
                if (!inside)
                {
                    Clear(target, c.RowFloats);
                    continue;
                }

                nint at = (((block0 + plane) * channels * c.SourcePlane) + ((nint)from * c.Columns.Sources)) * lanes;
                if (c.Stem)
                {
                    StemRow(c, source + at, target);
                }
                else if (c.PlainSource)
                {
                    PlainRow(c, source + at, Math.Min(Blocks.Width, c.SourceChannels - ((block0 + plane) * Blocks.Width)), target);
                }
                else
                {
                    BlockedRow(c, source + at, target);
                }
            }
        }
    }

    /// <summary>
    /// The columns of one phase that lie inside the source: phase column <paramref name="begin"/> up to
    /// <paramref name="end"/>, the first of them source column <paramref name="first"/>.
    /// </summary>
    private static void Inside(in AxisWalk columns, int phase, int phaseColumns, out int begin, out int end, out int first)
    {
        int step = columns.Step;
        int origin = columns.Nearest + phase;
        begin = origin >= 0 ? 0 : Math.Min(phaseColumns, (-origin + step - 1) / step);
        int past = columns.Sources - origin;
        end = Math.Clamp((past + step - 1) / step, begin, phaseColumns);
        first = origin + (begin * step);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void BlockedRow(in Correlation c, float* source, float* target)
    {
        int step = c.Columns.Step;
        for (int phase = 0; phase < step; phase++)
        {
            if (step == 1 || c.Columns.Visits(phase))
            {
                Inside(c.Columns, phase, c.PhaseColumns, out int begin, out int end, out int first);
                Clear(target, begin * Blocks.Width);
                float* from = source + ((nint)first * Blocks.Width);
                float* to = target + (begin * Blocks.Width);
                float* last = target + (end * Blocks.Width);
                while (to < last)
                {
                    Vector512.Load(from).Store(to);
                    from += (nint)step * Blocks.Width;
                    to += Blocks.Width;
                }

                Clear(last, (c.PhaseColumns - end) * Blocks.Width);
            }

            target += (nint)c.PhaseColumns * Blocks.Width;
        }
    }

    // Sixteen channels of up to sixteen columns at a time are transposed, then go where their columns belong.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void PlainRow(in Correlation c, float* source, int channels, float* target)
    {
        float* tile = stackalloc float[Blocks.Width * Blocks.Width];
        int step = c.Columns.Step;
        int nearest = c.Columns.Nearest;
        for (int phase = 0; phase < step; phase++)
        {
            Inside(c.Columns, phase, c.PhaseColumns, out int begin, out int end, out _);
            float* row = target + ((nint)phase * c.PhaseColumns * Blocks.Width);
            Clear(row, begin * Blocks.Width);
            Clear(row + (end * Blocks.Width), (c.PhaseColumns - end) * Blocks.Width);
        }

        int columns = Math.Min(c.Columns.Sources, nearest + (step * c.PhaseColumns));
        for (int column = Math.Max(0, nearest); column < columns; column += Blocks.Width)
        {
            int count = Math.Min(Blocks.Width, columns - column);
            int place = column - nearest;
            if (step == 1)
            {
                Transpose16.Lanes(source + column, c.SourcePlane, channels, count, target + ((nint)place * Blocks.Width), Blocks.Width);
                continue;
            }

            Transpose16.Lanes(source + column, c.SourcePlane, channels, count, tile, Blocks.Width);
            for (int i = 0; i < count; i++)
            {
                int at = ((place + i) % step * c.PhaseColumns) + ((place + i) / step);
                Vector512.Load(tile + (i * Blocks.Width)).Store(target + ((nint)at * Blocks.Width));
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void StemRow(in Correlation c, float* source, float* target)
    {
        int step = c.Columns.Step;
        for (int phase = 0; phase < step; phase++)
        {
            Inside(c.Columns, phase, c.PhaseColumns, out int begin, out int end, out int first);
            for (int i = 0; i < begin; i++)
            {
                target[i] = 0;
            }

            if (step == 1)
            {
                new ReadOnlySpan<float>(source + first, end - begin).CopyTo(new Span<float>(target + begin, end - begin));
            }
            else
            {
                float* from = source + first;
                for (int i = begin; i < end; i++)
                {
                    target[i] = *from;
                    from += step;
                }
            }

            for (int i = end; i < c.PhaseColumns; i++)
            {
                target[i] = 0;
            }

            target += c.PhaseColumns;
        }
    }

    private static void Clear(float* target, int floats) => new Span<float>(target, floats).Clear();
}
