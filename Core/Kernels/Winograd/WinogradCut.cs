using Fovea.Core.Shapes;

namespace Fovea.Core.Kernels;

/// <summary>
/// How backward weights by Winograd's method are cut: ranges of channels and filters, whose sums at all positions stay in the
/// second-level cache beside the tiles, and parts of the tiles.
/// </summary>
internal readonly struct WinogradCut
{
    private const int RangeBlocks = 4;
    private const long PartFloats = 4 << 20;

    /// <summary>Cuts the sum.</summary>
    /// <param name="sizes">The sizes.</param>
    /// <param name="tiles">Tiles of all images.</param>
    /// <param name="tilesPerBlock">Tiles that are transformed at once.</param>
    /// <param name="wanted">Chunks that are enough.</param>
    public WinogradCut(in Correlation sizes, int tiles, int tilesPerBlock, int wanted)
    {
        int sources = Blocks.Of(sizes.SourceChannels);
        int targets = Blocks.Of(sizes.TargetChannels);
        Sizes = sizes;
        TileBlocks = Math.Min(WeightTile.MostBlocks, targets);
        SourcesPerRange = Correlation.Even(sources, RangeBlocks);
        TargetsPerRange = TileBlocks * Correlation.Even(Correlation.Pieces(targets, TileBlocks), RangeBlocks / TileBlocks);
        TilesPerBlock = tilesPerBlock;
        Items = Correlation.Pieces(tiles, TilesPerBlock);
        Ranges = Correlation.Pieces(sources, SourcesPerRange) * Correlation.Pieces(targets, TargetsPerRange);
        long parts = Math.Min(Correlation.Pieces(wanted, Ranges), Math.Max(1, PartFloats / WeightParts.TotalFloats(Sizes)));
        Parts = (int)Math.Clamp(parts, 1, Math.Max(1, Items));
    }

    /// <summary>The sizes.</summary>
    public Correlation Sizes { get; }

    /// <summary>Target blocks that a register tile takes.</summary>
    public int TileBlocks { get; }

    /// <summary>Source blocks in a range.</summary>
    public int SourcesPerRange { get; }

    /// <summary>Target blocks in a range.</summary>
    public int TargetsPerRange { get; }

    /// <summary>Tiles that are transformed at once.</summary>
    public int TilesPerBlock { get; }

    /// <summary>Blocks of tiles.</summary>
    public int Items { get; }

    /// <summary>Ranges.</summary>
    public int Ranges { get; }

    /// <summary>Parts that the blocks of tiles are dealt to.</summary>
    public int Parts { get; }

    /// <summary>Chunks of summing.</summary>
    public int Chunks => Parts * Ranges;

    /// <summary>Floats of all parts' sums.</summary>
    public long SharedFloats => Parts * WeightParts.TotalFloats(Sizes);

    /// <summary>Floats between the sums of two positions: an odd number of cache lines.</summary>
    public nint SumStride => (((nint)TargetsPerRange * SourcesPerRange * Blocks.Width) | 1) * Blocks.Width;

    /// <summary>The sums at a position that no tile of a block has: zeros, unless there are some of another block already.</summary>
    public unsafe void Begin(float* sums, bool begun)
    {
        if (!begun)
        {
            new Span<float>(sums, checked((int)SumStride)).Clear();
        }
    }
}
