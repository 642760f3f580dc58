using System.Runtime.CompilerServices;
using Fovea.Core.Shapes;

namespace Fovea.Core.Kernels.Planes;

/// <summary>
/// Some rows of a plain image's channel, copied into scratch between borders of zeros: every target of the band then reads
/// at the same distances, and no kernel meets a border.
/// </summary>
/// <remarks>
/// <code>
/// source   [row][column] of one channel
/// scratch  [row of the band][<see cref="RowFloats"/>], the first column being the first that a target reads
/// </code>
/// </remarks>
internal readonly unsafe struct BorderedRows
{
    private readonly AxisWalk rows;
    private readonly int sourceRow;
    private readonly int first;
    private readonly int place;
    private readonly int count;

    /// <summary>The band of so many target rows, for windows that move by one.</summary>
    public BorderedRows(in AxisWalk rows, in AxisWalk columns, int targetRows)
    {
        this.rows = rows;
        sourceRow = columns.Sources;
        int width = columns.Span(columns.Targets);
        place = Math.Clamp(-columns.Nearest, 0, width);
        first = place + columns.Nearest;
        count = Math.Clamp(columns.Sources - columns.Nearest, place, width) - place;

        // Rows begin with a cache line, and those of an image as wide as a page do not fall on one set. Behind the last there is
        // room for a vector's load.
        int lines = (width + Blocks.Width - 1) / Blocks.Width;
        RowFloats = Blocks.Width * (lines % 16 == 0 ? lines + 1 : lines);
        Floats = (rows.Span(targetRows) * RowFloats) + Blocks.Width;
    }

    /// <summary>Floats between rows.</summary>
    public int RowFloats { get; }

    /// <summary>Floats of scratch.</summary>
    public int Floats { get; }

    /// <summary>Makes zeros of everything: once for the bands of any number of channels at the same rows.</summary>
    public void Clear(float* scratch) => new Span<float>(scratch, Floats).Clear();

    /// <summary>Copies what target rows from <paramref name="row0"/> on read; the borders stay as they are.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Copy<T>(float* plane, int row0, int targetRows, float* scratch)
        where T : struct, ILanes<T>
    {
        int origin = row0 + rows.Nearest;
        int begin = Math.Max(0, -origin);
        int end = Math.Min(rows.Span(targetRows), rows.Sources - origin);
        float* from = plane + ((nint)(origin + begin) * sourceRow) + first;
        float* to = scratch + ((nint)begin * RowFloats) + place;
        int last = count - T.Count;
        for (int row = begin; row < end; row++)
        {
            if (last >= 0)
            {
                // Whole vectors, the last of them overlapping the one before.
                for (int i = 0; i < last; i += T.Count)
                {
                    T.Load(from + i).Store(to + i);
                }

                T.Load(from + last).Store(to + last);
            }
            else
            {
                for (int i = 0; i < count; i++)
                {
                    to[i] = from[i];
                }
            }

            from += sourceRow;
            to += RowFloats;
        }
    }
}
