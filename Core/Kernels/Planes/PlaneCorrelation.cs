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
internal readonly unsafe partial struct PlaneCorrelation
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

        HasShortRows = blocked && IsShort(Rows, Columns);
        InPlace = HasShortRows || (Sources == 1 && IsInPlace(Rows, Columns));
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

    /// <summary>Whether two rows are one vector.</summary>
    public bool HasShortRows { get; }

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

    /// <summary>Whether windows of 3×3 within a border of one read planes two rows at a time.</summary>
    public static bool IsShort(in AxisWalk rows, in AxisWalk columns) =>
        InstructionSet.Is512 && IsBordered(rows) && IsBordered(columns) && ShortRows.Fits(columns.Targets);

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

    private static bool IsBordered(in AxisWalk walk) => walk.Taps == 3 && walk.Nearest == -1 && walk.Farthest == 1 && walk.Sources == walk.Targets;
}
