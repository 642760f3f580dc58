using System.Runtime.CompilerServices;
using Fovea.Core.Shapes;

namespace Fovea.Core.Kernels.Planes;

/// <summary>
/// Convolution of plain images in groups of few channels, depthwise convolution first of all: vectors run along the pixels
/// of a channel, and a weight is the same in all their lanes. Serves the forward pass and the one for inputs, for windows
/// that move by one.
/// </summary>
/// <remarks>
/// <code>
/// source  N×C×H×W
/// packed  [target][source of its group][row of the window][column, from the left of the source],
///         or as <see cref="Depthwise"/> packs them
/// target  N×K×P×Q; every element is written
/// </code>
/// A target's products are added in the order in which <see cref="Depthwise"/> adds them: to the same bits.
/// </remarks>
[SkipLocalsInit]
internal readonly unsafe struct PlaneCorrelation
{
    // Of the copied rows: well inside a first-level cache of 32 KB.
    private const int BandBytes = 24 << 10;

    // Of the copied rows, where the window reaches far: beyond it other algorithms are better.
    private const int MostBandBytes = 512 << 10;

    // Target pixels in a chunk.
    private const int ChunkPixels = 8192;

    private readonly bool blocked;
    private readonly int rowDilation;
    private readonly int columnDilation;
    private readonly BorderedRows band;

    private PlaneCorrelation(in ConvShape s, bool backward, bool blocked)
    {
        this.blocked = blocked;
        Backward = backward;
        Images = s.N;
        Groups = s.Groups;
        Sources = backward ? s.GroupK : s.GroupC;
        Targets = backward ? s.GroupC : s.GroupK;
        Rows = backward ? AxisWalk.Backward(s.Vertical, s.H, s.P) : AxisWalk.Forward(s.Vertical, s.H, s.P);
        Columns = backward ? AxisWalk.Backward(s.Horizontal, s.W, s.Q) : AxisWalk.Forward(s.Horizontal, s.W, s.Q);
        rowDilation = s.Vertical.Dilation;
        columnDilation = s.Horizontal.Dilation;

        InPlace = Sources == 1 && IsInPlace(Rows, Columns);
        RowsPerBand = InPlace ? Rows.Targets : BandRows(Rows, Columns, Sources);
        band = new BorderedRows(Rows, Columns, InPlace ? 1 : RowsPerBand);
        long pixels = (long)Targets * Rows.Targets * Columns.Targets;
        GroupsPerChunk = Correlation.Even(Groups, (int)Math.Clamp(ChunkPixels / pixels, 1, Groups));
    }

    /// <summary>Whether sources are gradients of outputs and targets gradients of inputs.</summary>
    public bool Backward { get; }

    /// <summary>Images.</summary>
    public int Images { get; }

    /// <summary>Groups.</summary>
    public int Groups { get; }

    /// <summary>Source channels of a group.</summary>
    public int Sources { get; }

    /// <summary>Target channels of a group.</summary>
    public int Targets { get; }

    /// <summary>How target rows read source rows.</summary>
    public AxisWalk Rows { get; }

    /// <summary>How target columns read source columns.</summary>
    public AxisWalk Columns { get; }

    /// <summary>Whether sources are read where they lie, and the scratch is but a row of zeros.</summary>
    public bool InPlace { get; }

    /// <summary>Target rows in a chunk.</summary>
    public int RowsPerBand { get; }

    /// <summary>Groups in a chunk.</summary>
    public int GroupsPerChunk { get; }

    /// <summary>Floats that a vector may have.</summary>
    public int MostLanes => InPlace ? Lanes512.Count : Columns.Targets;

    /// <summary>Chunks of work.</summary>
    public int Chunks => Images * Ranges * Bands;

    /// <summary>Floats of scratch a worker.</summary>
    public long ScratchFloats => (long)Sources * band.Floats;

    private int Bands => Correlation.Pieces(Rows.Targets, RowsPerBand);

    private int Ranges => Correlation.Pieces(Groups, GroupsPerChunk);

    private int Window => Rows.Taps * Columns.Taps;

    /// <summary>Whether windows of 3×3 read sources where they lie: within a border of one, rows of two vectors at most.</summary>
    public static bool IsInPlace(in AxisWalk rows, in AxisWalk columns) =>
        InstructionSet.Is512
        && IsBordered(rows) && rows.Targets >= PlaneTile.Rows
        && IsBordered(columns) && columns.Targets <= 2 * Lanes512.Count;

    /// <summary>Whether windows move by one, over target rows that fill a vector worth while.</summary>
    public static bool IsWide(in ConvShape s, int columns) =>
        s.Vertical.Stride == 1 && s.Horizontal.Stride == 1 && s.R * s.S <= WindowTaps.MostTaps
        && columns >= (s.R == 3 && s.S == 3 ? Lanes128.Count : Lanes256.Count);

    /// <summary>Whether the method applies: windows that move by one, target rows that fill a vector, bands that a cache holds.</summary>
    public static bool Fits(in ConvShape s, bool backward)
    {
        if (!IsWide(s, backward ? s.W : s.Q))
        {
            return false;
        }

        int sources = backward ? s.GroupK : s.GroupC;
        return sources == 1 || (sources * s.R * s.S <= WindowTaps.MostTaps && OfGroups(s, backward).ScratchFloats * sizeof(float) <= MostBandBytes);
    }

    /// <summary>Depthwise convolution, its weights packed for blocks of channels.</summary>
    public static PlaneCorrelation OfChannels(in ConvShape s, bool backward) => new(s, backward, blocked: true);

    /// <summary>Groups of few channels, their weights packed by <see cref="Pack"/>.</summary>
    public static PlaneCorrelation OfGroups(in ConvShape s, bool backward) => new(s, backward, blocked: false);

    /// <summary>Target rows in a band of the rows that so many source channels need.</summary>
    public static int BandRows(in AxisWalk rows, in AxisWalk columns, int sources)
    {
        int halo = rows.Span(1) - 1;
        int fit = (BandBytes / (columns.Span(columns.Targets) * sources * sizeof(float))) - halo;
        int most = Math.Clamp(fit, Math.Min(rows.Targets, Math.Max(PlaneTile.Rows, halo)), rows.Targets);
        int even = Correlation.Even(rows.Targets, most);
        return Math.Min(rows.Targets, (even + PlaneTile.Rows - 1) / PlaneTile.Rows * PlaneTile.Rows);
    }

    /// <summary>Packs the weights, K×(C/groups)×R×S, of all groups.</summary>
    public void Pack(float* weights, float* packed)
    {
        int window = Window;
        int columns = Columns.Taps;
        long count = (long)Groups * Targets * Sources * window;
        if (!Backward)
        {
            Buffer.MemoryCopy(weights, packed, count * sizeof(float), count * sizeof(float));
            return;
        }

        for (int target = 0; target < Groups * Targets; target++)
        {
            for (int source = 0; source < Sources; source++)
            {
                nint filter = ((nint)target / Targets * Sources) + source;
                float* from = weights + (((filter * Targets) + (target % Targets)) * window);
                for (int i = 0; i < window; i++)
                {
                    // Gradients meet the window turned round.
                    *packed++ = from[(i / columns * columns) + columns - 1 - (i % columns)];
                }
            }
        }
    }

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

    private static bool IsBordered(in AxisWalk walk) => walk.Taps == 3 && walk.Nearest == -1 && walk.Farthest == 1 && walk.Sources == walk.Targets;

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
