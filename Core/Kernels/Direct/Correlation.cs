using Fovea.Core.Shapes;

namespace Fovea.Core.Kernels;

/// <summary>
/// What the direct kernels compute, without saying whether it is a forward pass or a backward one for inputs: every
/// target pixel of every target channel sums source pixels of all source channels times weights, at the offsets that
/// two <see cref="AxisWalk"/>s give. Also how the work is cut: into bands of target rows whose source rows fit the
/// cache, passes over blocks of source channels whose weights do, and chunks for the workers.
/// </summary>
/// <remarks>
/// Only <see cref="BlocksPerPass"/> changes the order of a sum, and it does not depend on the number of images: an image has
/// the same bits alone and in any batch.
/// </remarks>
internal readonly struct Correlation
{
    // Bytes of the copied rows and of one filter group's weights: together well inside a second-level cache of 1 MB.
    private const int BandBytes = 256 << 10;
    private const int WeightBytes = 256 << 10;
    private const int TargetBytes = 512 << 10;

    // Pixels in a row of a flattened plane: a whole number of the largest tiles.
    private const int FlatRow = 56;

    // Chunks to aim for, whatever the number of workers; cycles below which images are put together in a chunk; and cycles
    // below which a part of one is not worth handing out.
    private const int WantedChunks = 16;
    private const double LeastCycles = 40_000;
    private const double LeastCyclesOfPart = 7_000;

    private Correlation(in ConvShape s, bool backward, bool plainSource, bool stem, bool plainTarget)
    {
        Images = s.N;
        Groups = s.Groups;
        Backward = backward;
        PlainSource = plainSource;
        PlainTarget = plainTarget;
        Stem = stem;
        SourceChannels = backward ? s.GroupK : s.GroupC;
        TargetChannels = backward ? s.GroupC : s.GroupK;
        Rows = backward ? AxisWalk.Backward(s.Vertical, s.H, s.P) : AxisWalk.Forward(s.Vertical, s.H, s.P);
        Columns = backward ? AxisWalk.Backward(s.Horizontal, s.W, s.Q) : AxisWalk.Forward(s.Horizontal, s.W, s.Q);
        SourcePlane = Rows.Sources * Columns.Sources;
        TargetPlane = Rows.Targets * Columns.Targets;
        InPlace = !plainSource && Rows.Step == 1 && Columns.Step == 1 && Rows.StaysInside && Columns.StaysInside;
        Flat = InPlace && s.IsPointwise;

        RowPixels = Flat ? Math.Min(FlatRow, TargetPlane) : Columns.Count(0);
        RowCount = Flat ? (TargetPlane + RowPixels - 1) / RowPixels : Rows.Count(0);
        TargetBlocks = Blocks.Of(TargetChannels);
        SourceBlocks = stem ? 1 : Blocks.Of(SourceChannels);

        // Narrow rows leave registers for more filters. Never by the source's layout: packed weights serve both.
        int width = s.IsPointwise ? TargetPlane : Columns.Count(0);
        GroupBlocks = Math.Min(PixelTile.MostBlocks, TargetBlocks >= 4 && width <= 7 ? 4 : TargetBlocks >= 2 ? 2 : 1);

        PhaseColumns = Flat ? RowPixels : (Columns.Span(Columns.Count(0)) + Columns.Step - 1) / Columns.Step;
        int lanes = stem ? 1 : Blocks.Width;
        RowFloats = InPlace ? (Flat ? RowPixels : Columns.Sources) * lanes : Columns.Step * PhaseColumns * lanes;

        // A pass over channel blocks; then as many rows as fit beside it.
        int planes = stem ? SourceChannels : 1;
        long rowBytes = (long)RowFloats * planes * sizeof(float);
        int leastRows = Math.Min(RowCount, 4);
        long weightBytes = (long)s.R * s.S * Blocks.Width * GroupBlocks * Blocks.Width * sizeof(float);
        long fit = Math.Min(WeightBytes / weightBytes, BandBytes / (rowBytes * SourceRowsOf(Rows, leastRows, Flat)));
        int blocks = (int)Math.Clamp(fit, 1, SourceBlocks);
        BlocksPerPass = Even(SourceBlocks, blocks);
        int rows = 1;
        while (rows < RowCount && SourceRowsOf(Rows, rows + 1, Flat) * rowBytes * BlocksPerPass <= BandBytes)
        {
            rows++;
        }

        // Targets that leave plain are first computed in blocks, in scratch.
        long targetRowBytes = (long)RowPixels * Columns.Phases * Rows.Phases * TargetBlocks * Blocks.Width * sizeof(float);
        while (plainTarget && rows > 1 && rows * targetRowBytes > TargetBytes)
        {
            rows--;
        }

        // Chunks: one image's band at a time, unless that is too little work or the weights are what is large.
        double cycles = (double)s.GroupC * s.GroupK * s.R * s.S * s.P * s.Q / InstructionSet.MacsPerCycle;
        long allWeights = weightBytes * SourceBlocks * ((TargetBlocks + GroupBlocks - 1) / GroupBlocks);
        long imageBytes = (SourceRowsOf(Rows, rows, Flat) * rowBytes * BlocksPerPass) + (plainTarget ? rows * targetRowBytes : 0);
        int images = 1;
        if (rows == RowCount && s.N > 1)
        {
            double enough = Math.Clamp(LeastCycles / cycles, 1, s.N);
            double fitting = Math.Clamp(2 * BandBytes / imageBytes, 1, s.N);
            images = (int)(allWeights > 2 * WeightBytes ? fitting : Math.Min(enough, fitting));
        }

        MostImages = images;
        MostRows = rows;
        images = Even(s.N, images);
        int parts = s.N == 0 ? 1 : Groups * ((s.N + images - 1) / images);
        int wanted = (int)Math.Clamp(cycles * s.N * Groups / LeastCyclesOfPart, 1, WantedChunks);
        if (parts * Pieces(RowCount, rows) < wanted)
        {
            rows = Math.Clamp(RowCount * parts / wanted, Math.Min(rows, 4), rows);
        }

        rows = Even(RowCount, rows);
        parts *= Pieces(RowCount, rows);
        int groups = Pieces(TargetBlocks, GroupBlocks);
        int ranges = Math.Clamp((wanted + parts - 1) / parts, 1, groups);
        ImagesPerChunk = images;
        RowsPerBand = rows;
        BlocksPerRange = Pieces(groups, ranges) * GroupBlocks;
        BandRows = SourceRowsOf(Rows, rows, Flat);
    }

    /// <summary>Images.</summary>
    public int Images { get; }

    /// <summary>Channel groups, each computed by itself.</summary>
    public int Groups { get; }

    /// <summary>Whether sources are gradients of outputs and targets gradients of inputs.</summary>
    public bool Backward { get; }

    /// <summary>Whether the target is to lie plain.</summary>
    public bool PlainTarget { get; }

    /// <summary>Whether the source lies plain.</summary>
    public bool PlainSource { get; }

    /// <summary>Whether the few source channels stay plain in the band as well: pixels one float apart.</summary>
    public bool Stem { get; }

    /// <summary>Source channels of one group.</summary>
    public int SourceChannels { get; }

    /// <summary>Target channels of one group.</summary>
    public int TargetChannels { get; }

    /// <summary>How target rows read source rows.</summary>
    public AxisWalk Rows { get; }

    /// <summary>How target columns read source columns.</summary>
    public AxisWalk Columns { get; }

    /// <summary>Pixels of a source image.</summary>
    public int SourcePlane { get; }

    /// <summary>Pixels of a target image.</summary>
    public int TargetPlane { get; }

    /// <summary>Whether the source is read where it lies: no padding, no stride, no other layout.</summary>
    public bool InPlace { get; }

    /// <summary>Whether windows are single pixels, so that the plane counts as one long row, cut anew.</summary>
    public bool Flat { get; }

    /// <summary>Target pixels in a row of one phase.</summary>
    public int RowPixels { get; }

    /// <summary>Target rows of one phase.</summary>
    public int RowCount { get; }

    /// <summary>Blocks of target channels in a group.</summary>
    public int TargetBlocks { get; }

    /// <summary>Blocks of source channels in a group.</summary>
    public int SourceBlocks { get; }

    /// <summary>Target blocks that a register tile takes at once, and that packed weights lie together for.</summary>
    public int GroupBlocks { get; }

    /// <summary>Columns of the band that leave one remainder by the step.</summary>
    public int PhaseColumns { get; }

    /// <summary>Floats between rows of the band (or of the source, in place).</summary>
    public int RowFloats { get; }

    /// <summary>Source rows of a band.</summary>
    public int BandRows { get; private init; }

    /// <summary>Source blocks in one pass.</summary>
    public int BlocksPerPass { get; private init; }

    /// <summary>Images in a chunk.</summary>
    public int ImagesPerChunk { get; private init; }

    /// <summary>Images that a chunk has at most, in this batch or a smaller one.</summary>
    public int MostImages { get; }

    /// <summary>Target rows that a chunk has at most, in any batch.</summary>
    public int MostRows { get; }

    /// <summary>Target rows (of each phase) in a chunk.</summary>
    public int RowsPerBand { get; private init; }

    /// <summary>Target blocks in a chunk.</summary>
    public int BlocksPerRange { get; }

    /// <summary>Floats between the planes of the band (or of the source, in place).</summary>
    public int PlaneFloats => InPlace ? SourcePlane * Blocks.Width : BandRows * RowFloats;

    /// <summary>Floats of one image in the band.</summary>
    public long BandFloats => InPlace ? 0 : (long)PlaneFloats * (Stem ? SourceChannels : BlocksPerPass);

    /// <summary>Pixels that so many target rows (of each phase) take in the target.</summary>
    public int TargetPixels(int rows) => Flat ? rows * RowPixels : rows * Rows.Phases * Columns.Targets;

    /// <summary>Entries in the lists of taps of one pass, all phases together.</summary>
    public int TapCount => Rows.Taps * Columns.Taps * (Stem ? SourceChannels : BlocksPerPass);

    /// <summary>Floats of all packed weights.</summary>
    public long PackedFloats => (long)Groups * TargetBlocks * Blocks.Width * SourceChannels * Rows.Taps * Columns.Taps;

    /// <summary>Chunks of work.</summary>
    public int Chunks => Pieces(Images, ImagesPerChunk) * Groups * Pieces(RowCount, RowsPerBand) * Pieces(TargetBlocks, BlocksPerRange);

    /// <summary>y from x.</summary>
    public static Correlation Forward(in ConvShape s, Layout input, Layout output = Layout.Blocked) =>
        new(Flattened(s, input), false, input == Layout.Plain, false, output == Layout.Plain);

    /// <summary>y from a plain x of few channels.</summary>
    public static Correlation StemForward(in ConvShape s, Layout output = Layout.Blocked) =>
        new(s, false, true, true, output == Layout.Plain);

    /// <summary>dx from dy.</summary>
    public static Correlation BackwardInput(in ConvShape s, Layout gradient = Layout.Blocked, Layout input = Layout.Blocked) =>
        new(Flattened(s, gradient), true, gradient == Layout.Plain, false, input == Layout.Plain);

    /// <summary>A plain dx of few channels from a plain dy.</summary>
    public static Correlation StemBackwardInput(in ConvShape s) => new(s, true, true, true, true);

    /// <summary>The same sizes in bands of other rows, source blocks and images.</summary>
    public Correlation WithBands(int rows, int blocks, int images) =>
        this with { RowsPerBand = rows, BlocksPerPass = blocks, ImagesPerChunk = images, BandRows = SourceRowsOf(Rows, rows, Flat) };

    /// <summary>The number of pieces of at most <paramref name="size"/> that make <paramref name="whole"/>.</summary>
    public static int Pieces(int whole, int size) => (whole + size - 1) / size;

    /// <summary>Blocks of the filter group that begins at a target block: the tail of an odd number takes smaller groups.</summary>
    public int GroupAt(int block)
    {
        int blocks = GroupBlocks;
        while (blocks > TargetBlocks - block)
        {
            blocks /= 2;
        }

        return blocks;
    }

    /// <summary>The size of equal pieces that are as few as pieces of this size would be.</summary>
    public static int Even(int whole, int size) => whole == 0 ? 1 : Pieces(whole, Pieces(whole, size));

    // Where windows are single pixels, the rows of a plain image may be cut anew, so that few columns are left over when
    // sixteen at a time are transposed.
    private static ConvShape Flattened(in ConvShape s, Layout source)
    {
        int plane = s.H * s.W;
        int width = plane % FlatRow == 0 ? FlatRow : plane <= 4 * FlatRow ? plane : s.W;
        return s.IsPointwise && source == Layout.Plain
            ? new ConvShape(s.N, s.C, plane / width, width, s.K, s.Vertical, s.Horizontal, s.Groups)
            : s;
    }

    private static int SourceRowsOf(in AxisWalk rows, int targets, bool flat) => flat ? targets : rows.Span(targets);
}
