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
    public static void Copy(in Correlation c, float* source, int block0, int block1, int firstRow, float* band)
    {
        int step = c.Rows.Step;
        int planes = c.Stem ? c.SourceChannels : block1 - block0;
        int lanes = c.Stem || c.PlainSource ? 1 : Blocks.Width;
        nint channels = c.PlainSource && !c.Stem ? Blocks.Width : 1;
        var runs = stackalloc Run[c.Columns.Step];
        for (int phase = 0; phase < c.Columns.Step; phase++)
        {
            runs[phase] = Inside(c.Columns, phase, c.PhaseColumns);
        }

        if (c.Stem && step == 1 && c.Columns.Step == 1 && runs[0].End - runs[0].Begin >= Blocks.Width && runs[0].Begin <= Blocks.Width && c.RowFloats - runs[0].End <= Blocks.Width)
        {
            StemRows(c, runs[0], source, firstRow, band);
            return;
        }

        // Plane by plane: the rows of a plane follow each other in memory.
        for (int plane = 0; plane < planes; plane++)
        {
            for (int row = 0; row < c.BandRows; row++)
            {
                if (step > 1 && !c.Rows.Visits(row % step))
                {
                    continue;
                }

                int from = firstRow + row;
                float* target = band + ((nint)plane * c.PlaneFloats) + ((nint)row * c.RowFloats);
                if (from < 0 || from >= c.Rows.Sources)
                {
                    Clear(target, c.RowFloats);
                    continue;
                }

                nint at = (((block0 + plane) * channels * c.SourcePlane) + ((nint)from * c.Columns.Sources)) * lanes;
                if (c.Stem)
                {
                    StemRow(c, runs, source + at, target);
                }
                else if (c.PlainSource)
                {
                    PlainRow(c, source + at, Math.Min(Blocks.Width, c.SourceChannels - ((block0 + plane) * Blocks.Width)), runs, target);
                }
                else
                {
                    BlockedRow(c, runs, source + at, target);
                }
            }
        }
    }

    private static Run Inside(in AxisWalk columns, int phase, int phaseColumns)
    {
        int step = columns.Step;
        int origin = columns.Nearest + phase;
        int begin = origin >= 0 ? 0 : Math.Min(phaseColumns, (-origin + step - 1) / step);
        int past = columns.Sources - origin;
        int end = Math.Clamp((past + step - 1) / step, begin, phaseColumns);
        return new Run(begin, end, origin + (begin * step), step == 1 || columns.Visits(phase));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void BlockedRow(in Correlation c, Run* runs, float* source, float* target)
    {
        int step = c.Columns.Step;
        for (int phase = 0; phase < step; phase++)
        {
            Run run = runs[phase];
            if (run.Visited)
            {
                Clear(target, run.Begin * Blocks.Width);
                float* from = source + ((nint)run.First * Blocks.Width);
                float* to = target + (run.Begin * Blocks.Width);
                float* last = target + (run.End * Blocks.Width);
                while (to < last)
                {
                    Vector512.Load(from).Store(to);
                    from += (nint)step * Blocks.Width;
                    to += Blocks.Width;
                }

                Clear(last, (c.PhaseColumns - run.End) * Blocks.Width);
            }

            target += (nint)c.PhaseColumns * Blocks.Width;
        }
    }

    // Sixteen channels of up to sixteen columns at a time are transposed, then go where their columns belong.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void PlainRow(in Correlation c, float* source, int channels, Run* runs, float* target)
    {
        float* tile = stackalloc float[Blocks.Width * Blocks.Width];
        int step = c.Columns.Step;
        int nearest = c.Columns.Nearest;
        for (int phase = 0; phase < step; phase++)
        {
            float* row = target + ((nint)phase * c.PhaseColumns * Blocks.Width);
            Clear(row, runs[phase].Begin * Blocks.Width);
            Clear(row + (runs[phase].End * Blocks.Width), (c.PhaseColumns - runs[phase].End) * Blocks.Width);
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

            // Counted on, for sixteen divisions would take longer than the transposition.
            Transpose16.Lanes(source + column, c.SourcePlane, channels, count, tile, Blocks.Width);
            int phase = place % step;
            float* to = target + ((nint)(place / step) * Blocks.Width);
            for (int i = 0; i < count; i++)
            {
                Vector512.Load(tile + (i * Blocks.Width)).Store(to + ((nint)phase * c.PhaseColumns * Blocks.Width));
                if (++phase == step)
                {
                    phase = 0;
                    to += Blocks.Width;
                }
            }
        }
    }

    // Rows as they lie, in whole vectors: zeros at both ends first, then what covers them, the last vector overlapping the one before.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void StemRows(in Correlation c, Run run, float* source, int firstRow, float* band)
    {
        int floats = c.RowFloats;
        int height = c.Rows.Sources;
        int width = c.Columns.Sources;
        int last = run.End - run.Begin - Blocks.Width;
        int end = firstRow + c.BandRows;
        for (int plane = 0; plane < c.SourceChannels; plane++)
        {
            float* target = band + ((nint)plane * c.PlaneFloats);
            float* from = source + ((nint)plane * c.SourcePlane) + ((nint)firstRow * width) + run.First;
            for (int row = firstRow; row < end; row++)
            {
                if (row < 0 || row >= height)
                {
                    Clear(target, floats);
                }
                else
                {
                    float* to = target + run.Begin;
                    Vector512<float>.Zero.Store(target);
                    Vector512<float>.Zero.Store(target + floats - Blocks.Width);
                    for (int i = 0; i < last; i += Blocks.Width)
                    {
                        Vector512.Load(from + i).Store(to + i);
                    }

                    Vector512.Load(from + last).Store(to + last);
                }

                target += floats;
                from += width;
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void StemRow(in Correlation c, Run* runs, float* source, float* target)
    {
        int step = c.Columns.Step;
        (int begin, int end) = step == 2 ? Pairs(runs, source, target, c.PhaseColumns) : (0, 0);
        for (int phase = 0; phase < step; phase++)
        {
            Run run = runs[phase];
            Clear(target, run.Begin);
            float* from = source + run.First - (run.Begin * step);
            for (int i = run.Begin; i < Math.Min(begin, run.End); i++)
            {
                target[i] = from[i * step];
            }

            for (int i = Math.Max(end, run.Begin); i < run.End; i++)
            {
                target[i] = from[i * step];
            }

            Clear(target + run.End, c.PhaseColumns - run.End);
            target += c.PhaseColumns;
        }
    }

    // Eight columns at a time, four of each of two phases, as far as both have them: phase columns so far.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static (int Begin, int End) Pairs(Run* runs, float* source, float* target, int phaseColumns)
    {
        const int Pair = 4;
        int begin = Math.Max(runs[0].Begin, runs[1].Begin);
        int end = Math.Min(runs[0].End, runs[1].End);
        float* from = source + runs[0].First + (2 * (begin - runs[0].Begin));
        int i = begin;
        for (; i + Pair <= end; i += Pair)
        {
            Vector256<float> apart = Vector256.Shuffle(Vector256.Load(from), Vector256.Create(0, 2, 4, 6, 1, 3, 5, 7));
            apart.GetLower().Store(target + i);
            apart.GetUpper().Store(target + phaseColumns + i);
            from += 2 * Pair;
        }

        return (begin, i);
    }

    private static void Clear(float* target, int floats)
    {
        if (floats > 0)
        {
            new Span<float>(target, floats).Clear();
        }
    }

    /// <summary>
    /// The columns of one phase that lie inside the source: phase columns Begin up to End, the first of them source column
    /// First; and whether any window reads the phase at all.
    /// </summary>
    private readonly record struct Run(int Begin, int End, int First, bool Visited);
}
