using System.Runtime.CompilerServices;
using Fovea.Core.Shapes;

namespace Fovea.Core.Kernels.Planes;

internal readonly unsafe partial struct PlaneCorrelation
{
    /// <summary>Computes one chunk: a band of some groups of one image.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Run<T>(int chunk, float* source, float* packed, float* bias, bool relu, float* target, float* scratch)
        where T : struct, ILanes<T>
    {
        int row0 = chunk % Bands * RowsPerBand;
        int rows = Math.Min(RowsPerBand, Rows.Targets - row0);
        int group0 = chunk / Bands % Ranges * GroupsPerChunk;
        int group1 = Math.Min(Groups, group0 + GroupsPerChunk);
        nint image = chunk / Bands / Ranges;
        nint sourcePlane = (nint)Rows.Sources * Columns.Sources;
        nint targetPlane = (nint)Rows.Targets * Columns.Targets;
        if (HasShortRows)
        {
            nint first = image * Groups * targetPlane;
            new ShortRows(rows, Columns.Targets).Correlate(source + first, group0, group1, packed, bias, relu, Backward, target + first);
            return;
        }

        int* offsets = stackalloc int[Sources * Window];
        List(offsets);
        float* weights = stackalloc float[Window];
        float* lanes = stackalloc float[(PlaneTile.MostExtent + 2) * Blocks.Width];
        lanes += -((nint)lanes / sizeof(float)) & (Blocks.Width - 1);
        for (int i = 0; i < Columns.Taps && Columns.Span(1) <= PlaneTile.MostExtent; i++)
        {
            T.From(i * columnDilation).Store(lanes + (i * Blocks.Width));
        }

        for (int i = 0; i < Sources; i++)
        {
            band.Clear(scratch + ((nint)i * band.Floats));
        }

        for (int group = group0; group < group1; group++)
        {
            float* x = source + (((image * Groups) + group) * Sources * sourcePlane);
            for (int i = 0; i < Sources && !InPlace; i++)
            {
                band.Copy<T>(x + (i * sourcePlane), row0, rows, scratch + ((nint)i * band.Floats));
            }

            for (int channel = group * Targets; channel < (group + 1) * Targets; channel++)
            {
                float* y = target + (((image * Groups * Targets) + channel) * targetPlane) + ((nint)row0 * Columns.Targets);
                float* w = blocked ? Gather(packed, channel, weights) : packed + ((nint)channel * Sources * Window);
                var tile = new PlaneTile
                {
                    Sources = Sources,
                    SourceFloats = band.Floats,
                    Offsets = offsets,
                    Count = Sources * Window,
                    WindowRows = Rows.Taps,
                    Window = Columns.Taps,
                    Column = columnDilation,
                    Lanes = lanes,
                    Weights = w,
                    Bias = bias == null ? 0 : bias[channel],
                    Relu = relu,
                    Columns = Columns.Targets,
                    NextSource = x + ((Sources + Math.Min(Sources - 1, channel - (group * Targets))) * sourcePlane) + ((nint)row0 * Columns.Sources),
                    NextTarget = y + targetPlane,
                };
                Plane<T>(tile, rows, InPlace ? x : scratch, scratch, y);
            }
        }
    }

    // The weights of a channel that lie in a lane of a block's.
    private float* Gather(float* packed, int channel, float* weights)
    {
        packed += ((nint)channel / Blocks.Width * Window * Blocks.Width) + (channel % Blocks.Width);
        for (int i = 0; i < Window; i++)
        {
            weights[i] = packed[i * Blocks.Width];
        }

        return weights;
    }

    // Rows that share sources are a dilation apart, and backward their sources lie the other way round.
    private void Plane<T>(in PlaneTile tile, int rows, float* x, float* zeros, float* y)
        where T : struct, ILanes<T>
    {
        nint sourceRow = band.RowFloats;
        nint targetRow = Columns.Targets;
        if (InPlace)
        {
            nint end = Backward ? Rows.Targets - 1 : 0, down = Backward ? -targetRow : targetRow;
            x += end * targetRow;
            y += end * targetRow;
            if (targetRow <= Lanes512.Count)
            {
                tile.ThreeInPlace<BothEnds>(x, down, zeros, y, down, rows);
            }
            else
            {
                tile.ThreeInPlace<LeftEnd>(x, down, zeros, y, down, rows);
                tile.ThreeInPlace<RightEnd>(x, down, zeros, y, down, rows);
            }

            return;
        }

        if (Rows.Taps < 3 || (Rows.Taps == 3 && Columns.Taps != 3) || Columns.Span(1) > PlaneTile.MostExtent || rows < PlaneTile.Rows * rowDilation)
        {
            tile.Any<T>(x, sourceRow, y, targetRow, rows);
            return;
        }

        for (int first = 0; first < rowDilation; first++)
        {
            int count = Correlation.Pieces(rows - first, rowDilation);
            int from = Backward ? first + ((count + Rows.Taps - 2) * rowDilation) : first;
            int to = Backward ? first + ((count - 1) * rowDilation) : first;
            nint step = Backward ? -rowDilation : rowDilation;
            if (Rows.Taps == 3)
            {
                tile.Three<T>(x + (from * sourceRow), step * sourceRow, y + (to * targetRow), step * targetRow, count);
            }
            else
            {
                tile.Tall<T>(x + (from * sourceRow), step * sourceRow, y + (to * targetRow), step * targetRow, count);
            }
        }
    }

    // Where the products of a target are read, from the top left of its window on.
    private void List(int* offsets)
    {
        for (int source = 0; source < Sources; source++)
        {
            for (int row = 0; row < Rows.Taps; row++)
            {
                int down = (Backward ? Rows.Taps - 1 - row : row) * rowDilation;
                for (int column = 0; column < Columns.Taps; column++)
                {
                    *offsets++ = (source * band.Floats) + (down * band.RowFloats) + (column * columnDilation);
                }
            }
        }
    }
}
