using Fovea.Core.Shapes;

namespace Fovea.Core.Kernels;

/// <summary>
/// How backward weights is cut: into ranges of filters and channels whose sums stay in cache, and the pixels of the
/// batch into parts, each with sums of its own, that are added in order at the end. Both depend on the sizes alone.
/// </summary>
internal readonly struct WeightSum
{
    private const int SumBytes = 512 << 10;
    private const int BandBytes = 256 << 10;
    private const long PartFloats = 4 << 20;
    private const int WantedChunks = 16;
    private const double LeastCycles = 60_000;

    // Pixels that one tile sums over: enough to outweigh loading its sums, few enough that x and dy stay in the first cache.
    private const int WantedPixels = 224;

    /// <summary>Cuts the sum for these sizes, x and dy lying in a layout; a stem's few channels stay plain.</summary>
    public WeightSum(in ConvShape s, Layout input, bool stem, Layout gradient = Layout.Blocked)
    {
        PlainGradient = gradient == Layout.Plain;
        Correlation c = stem ? Correlation.StemForward(s) : Correlation.Forward(s, input);
        Window = s.R * s.S;
        TileBlocks = Math.Min(WeightTile.MostBlocks, c.TargetBlocks);
        SlabFloats = WeightParts.SlabFloats(c);

        int slabs = (int)Math.Max(TileBlocks, SumBytes / ((long)SlabFloats * sizeof(float)));
        SourcesPerRange = Correlation.Even(c.SourceBlocks, Math.Clamp(slabs / TileBlocks, 1, c.SourceBlocks));
        int tiles = Correlation.Pieces(c.TargetBlocks, TileBlocks);
        TargetsPerRange = TileBlocks * Correlation.Even(tiles, Math.Clamp(slabs / SourcesPerRange / TileBlocks, 1, tiles));

        // What fits does not depend on the number of images: a smaller batch then never needs more scratch or parts.
        int rows = Math.Clamp(WantedPixels / c.RowPixels, 1, c.RowCount);
        int images = Math.Max(1, WantedPixels / Math.Max(1, c.RowCount * c.RowPixels));
        Correlation bands = c.WithBands(rows, SourcesPerRange, images);
        while (rows > 1 && images * bands.BandFloats * sizeof(float) > BandBytes)
        {
            rows = images > 1 ? rows : rows - 1;
            images = Math.Max(1, images / 2);
            bands = c.WithBands(rows, SourcesPerRange, images);
        }

        MostBandFloats = Math.Min(images, Math.Max(1, s.N)) * bands.BandFloats;
        MostGradientFloats = PlainGradient ? Math.Min(images, Math.Max(1, s.N)) * (long)c.TargetPixels(rows) * TargetsPerRange * Blocks.Width : 0;
        rows = Correlation.Even(c.RowCount, rows);
        images = Correlation.Even(s.N, rows == c.RowCount ? images : 1);
        Bands = c.WithBands(rows, SourcesPerRange, images);
        Items = Correlation.Pieces(s.N, images) * Correlation.Pieces(c.RowCount, rows);
        Ranges = c.Groups * Correlation.Pieces(c.TargetBlocks, TargetsPerRange) * Correlation.Pieces(c.SourceBlocks, SourcesPerRange);
        TotalFloats = WeightParts.TotalFloats(c);

        double cycles = s.Macs / InstructionSet.MacsPerCycle;
        int wanted = (int)Math.Clamp(cycles / LeastCycles, 1, WantedChunks);
        long parts = Math.Min(Correlation.Pieces(wanted, Ranges), Math.Max(1, PartFloats / TotalFloats));
        Parts = (int)Math.Clamp(parts, 1, Math.Max(1, Items));
    }

    /// <summary>The sizes, and the bands in which x is copied.</summary>
    public Correlation Bands { get; }

    /// <summary>Whether dy lies plain; bands of it are then turned over in scratch.</summary>
    public bool PlainGradient { get; }

    /// <summary>Positions of the window.</summary>
    public int Window { get; }

    /// <summary>Target blocks that a register tile takes.</summary>
    public int TileBlocks { get; }

    /// <summary>Floats of the sums of one target block and one source block (of all channels of a stem).</summary>
    public int SlabFloats { get; }

    /// <summary>Target blocks in a range.</summary>
    public int TargetsPerRange { get; }

    /// <summary>Source blocks in a range.</summary>
    public int SourcesPerRange { get; }

    /// <summary>Ranges, of all groups.</summary>
    public int Ranges { get; }

    /// <summary>Bands of the whole batch.</summary>
    public int Items { get; }

    /// <summary>Parts that the bands are dealt to.</summary>
    public int Parts { get; }

    /// <summary>Floats of one part's sums.</summary>
    public long TotalFloats { get; }

    /// <summary>Floats of all parts' sums.</summary>
    public long SharedFloats => Parts * TotalFloats;

    /// <summary>Chunks of summing.</summary>
    public int Chunks => Parts * Ranges;

    /// <summary>Floats of scratch a worker: the bands of x and of a plain dy, or the sums of one slab.</summary>
    public long ScratchFloats => Math.Max(MostBandFloats + MostGradientFloats, SlabFloats);

    private long MostBandFloats { get; }

    private long MostGradientFloats { get; }
}
