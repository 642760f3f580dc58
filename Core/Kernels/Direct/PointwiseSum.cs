using Fovea.Core.Shapes;

namespace Fovea.Core.Kernels;

/// <summary>
/// How the gradient of the weights is cut where windows are one pixel and both images lie plain: a matrix product over the
/// pixels. The side of fewer channels is turned over, band by band, so that its channels are the vectors; the planes of the other
/// side are read where they lie, a pixel of each at a time. Bands of pixels are dealt to parts, each with sums of its own.
/// </summary>
internal readonly struct PointwiseSum
{
    // Over smaller planes bands are too short to outweigh loading and storing the sums.
    private const int LeastPixels = 256;

    // Pixels of a band: its lanes beside the sums and the planes that come next in the second-level cache.
    private const int MostPixels = 400;
    private const int FewestPixels = 128;
    private const int LaneBytes = 256 << 10;

    private const long PartFloats = 4 << 20;
    private const int WantedChunks = 16;
    private const double LeastCycles = 150_000;

    // Planes in a range at least: some tiles, each of which reads the lanes again.
    private const int LeastRows = 56;

    /// <summary>Cuts the sum for these sizes.</summary>
    public PointwiseSum(in ConvShape s)
    {
        Images = s.N;
        Groups = s.Groups;
        Plane = s.P * s.Q;
        LanesAreInputs = s.GroupC <= s.GroupK;
        (Lanes, Rows) = LanesAreInputs ? (s.GroupC, s.GroupK) : (s.GroupK, s.GroupC);
        GroupBlocks = Math.Min(Math.Min(2, PixelTile.MostBlocks), LaneBlocks);
        int most = Math.Clamp(LaneBytes / (LaneFloats * sizeof(float)), FewestPixels, MostPixels) / Blocks.Width;
        Bands = Correlation.Pieces(Vectors, most);
        BandPixels = Correlation.Even(Vectors, most) * Blocks.Width;

        double cycles = s.Macs / InstructionSet.MacsPerCycle;
        int wanted = (int)Math.Clamp(cycles / LeastCycles, 1, WantedChunks);
        long parts = Math.Min(Correlation.Pieces(wanted, Groups), Math.Max(1, PartFloats / TotalFloats));
        Parts = (int)Math.Clamp(parts, 1, Math.Max(1, Items));
        int ranges = Math.Clamp(wanted / (Parts * Groups), 1, Correlation.Pieces(Rows, LeastRows));
        RowsPerRange = Correlation.Even(Rows, Correlation.Pieces(Rows, ranges));

        // Every tap fetches a line of the planes that come next: as many as make up a tile of them, over all groups of lanes.
        PixelsPerTap = Math.Clamp(Correlation.Pieces(LaneBlocks, GroupBlocks) * Blocks.Width / (PixelTile.MostPixels(GroupBlocks) + 1), 1, Blocks.Width);
    }

    /// <summary>Images.</summary>
    public int Images { get; }

    /// <summary>Channel groups.</summary>
    public int Groups { get; }

    /// <summary>Pixels of a channel.</summary>
    public int Plane { get; }

    /// <summary>Whether the input's channels are the vectors, and not the output's.</summary>
    public bool LanesAreInputs { get; }

    /// <summary>Channels of a group that are turned over.</summary>
    public int Lanes { get; }

    /// <summary>Channels of a group whose planes are read as they lie.</summary>
    public int Rows { get; }

    /// <summary>Blocks of sixteen lanes.</summary>
    public int LaneBlocks => Blocks.Of(Lanes);

    /// <summary>Floats of a pixel's lanes, and of a row's sums.</summary>
    public int LaneFloats => LaneBlocks * Blocks.Width;

    /// <summary>Blocks of lanes in a register tile.</summary>
    public int GroupBlocks { get; }

    /// <summary>Bands of an image.</summary>
    public int Bands { get; }

    /// <summary>Pixels of a band at most.</summary>
    public int BandPixels { get; }

    /// <summary>Pixels in a tap.</summary>
    public int PixelsPerTap { get; }

    /// <summary>Bands of the whole batch.</summary>
    public int Items => Images * Bands;

    /// <summary>Parts that the bands are dealt to.</summary>
    public int Parts { get; }

    /// <summary>Rows in a range.</summary>
    public int RowsPerRange { get; }

    /// <summary>Ranges of rows.</summary>
    public int Ranges => Correlation.Pieces(Rows, RowsPerRange);

    /// <summary>Floats of one part's sums.</summary>
    public long TotalFloats => (long)Groups * Rows * LaneFloats;

    /// <summary>Floats of all parts' sums.</summary>
    public long SharedFloats => Parts * TotalFloats;

    /// <summary>Chunks of summing.</summary>
    public int Chunks => Parts * Groups * Ranges;

    /// <summary>Chunks of adding the parts up: sixteen rows each.</summary>
    public int AddingChunks => Groups * Blocks.Of(Rows);

    /// <summary>Taps of a band.</summary>
    public int Taps => Correlation.Pieces(BandPixels, PixelsPerTap);

    /// <summary>Floats of scratch a worker: a band's lanes, its taps, and the lines to fetch.</summary>
    public long ScratchFloats => ((long)BandPixels * LaneFloats) + (Blocks.Of((2 + LaneBlocks) * Taps) * Blocks.Width);

    private int Vectors => Correlation.Pieces(Plane, Blocks.Width);

    /// <summary>Whether a sum is computed so.</summary>
    public static bool Fits(in ConvShape s, Layout input, Layout gradient) =>
        s.IsPointwise && input == Layout.Plain && gradient == Layout.Plain && s.P * s.Q >= LeastPixels;

    /// <summary>Where a band begins; that after the last one at the end of the plane.</summary>
    public int Begin(int band) => Math.Min(Plane, (int)((long)Vectors * band / Bands) * Blocks.Width);
}
