using System.Runtime.CompilerServices;
using Fovea.Core.Shapes;

namespace Fovea.Core.Kernels;

/// <summary>
/// Backward weights by F(4×4, 3×3) or F(2×2, 5×5): dg = Gᵀ·[Σ over tiles of (Bᵀ·d·B) ⊙ (A·dy·Aᵀ)]·G, where each of the 36 positions is a
/// matrix product over the tiles.
/// </summary>
/// <remarks>
/// <code>
/// v       [36][source block of the range][tile][16], m the same with target blocks; du [36][target block][source block][16 channels][16 filters]
/// shared  [part][target block][source block][window][16 channels][16 filters], as <see cref="WeightParts"/> adds them
/// </code>
/// </remarks>
internal readonly unsafe struct WinogradSum
{
    // Blocks of channels and filters whose 36 sums stay in the second-level cache beside the tiles.
    private const int RangeBlocks = 4;
    private const int MostTiles = 56;
    private const int WantedChunks = 16;
    private const long PartFloats = 4 << 20;
    private const double LeastCycles = 100_000;

    /// <summary>Cuts the sum.</summary>
    public WinogradSum(in ConvShape s)
    {
        Tiles = WinogradTiles.Forward(s);
        Sizes = Correlation.Forward(s, Layout.Blocked);
        TileBlocks = Math.Min(WeightTile.MostBlocks, Tiles.TargetBlocks);
        SourcesPerRange = Correlation.Even(Tiles.SourceBlocks, RangeBlocks);
        TargetsPerRange = TileBlocks * Correlation.Even(Correlation.Pieces(Tiles.TargetBlocks, TileBlocks), RangeBlocks / TileBlocks);
        TilesPerBlock = Correlation.Even(Tiles.Count, MostTiles);
        Items = Correlation.Pieces(Tiles.Count, TilesPerBlock);
        Ranges = Correlation.Pieces(Tiles.SourceBlocks, SourcesPerRange) * Correlation.Pieces(Tiles.TargetBlocks, TargetsPerRange);
        double cycles = Tiles.Positions * Tiles.Count * s.C * s.K / InstructionSet.MacsPerCycle;
        int wanted = (int)Math.Clamp(cycles / LeastCycles, 1, WantedChunks);
        long parts = Math.Min(Correlation.Pieces(wanted, Ranges), Math.Max(1, PartFloats / WeightParts.TotalFloats(Sizes)));
        Parts = (int)Math.Clamp(parts, 1, Math.Max(1, Items));
    }

    /// <summary>The tiles.</summary>
    public WinogradTiles Tiles { get; }

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

    /// <summary>Floats of scratch a worker, as much as any smaller batch needs.</summary>
    public long ScratchFloats
    {
        get
        {
            int tiles = Math.Min(Tiles.Count, MostTiles);
            nint strides = WinogradProduct.Stride(SourcesPerRange, tiles) + WinogradProduct.Stride(TargetsPerRange, tiles) + SumStride;
            return Math.Max(WinogradSpot.Floats(tiles) + (2 * WinogradTransforms.Room) + (36 * strides), WeightParts.SlabFloats(Sizes));
        }
    }

    private nint SourceStride => WinogradProduct.Stride(SourcesPerRange, TilesPerBlock);

    private nint TargetStride => WinogradProduct.Stride(TargetsPerRange, TilesPerBlock);

    private nint SumStride => (((nint)TargetsPerRange * SourcesPerRange * Blocks.Width) | 1) * Blocks.Width;

    /// <summary>Sums one part of the tiles for one range of channels and filters.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Run<T>(int chunk, float* x, float* dy, float* shared, float* scratch)
        where T : struct, ILanes<T>
    {
        int part = chunk / Ranges;
        int range = chunk % Ranges;
        int sourceRanges = Correlation.Pieces(Tiles.SourceBlocks, SourcesPerRange);
        int source0 = range % sourceRanges * SourcesPerRange;
        int source1 = Math.Min(Tiles.SourceBlocks, source0 + SourcesPerRange);
        int target0 = range / sourceRanges * TargetsPerRange;
        int target1 = Math.Min(Tiles.TargetBlocks, target0 + TargetsPerRange);

        float* room = scratch + WinogradSpot.Floats(TilesPerBlock);
        float* v = room + (2 * WinogradTransforms.Room);
        float* m = v + (36 * SourceStride);
        float* du = m + (36 * TargetStride);
        var inputs = Tiles.SourceImages(x, Layout.Blocked, null);
        var gradients = Tiles.TargetImages(dy, Layout.Blocked, null);
        int first = (int)((long)Items * part / Parts);
        int last = (int)((long)Items * (part + 1) / Parts);
        WeightSpan span = default;
        span.Images = 1;
        span.Rows = 1;
        new Span<float>(du, checked((int)(36 * SumStride))).Clear();
        span.DwBlock = (nint)SourcesPerRange * Blocks.Width * Blocks.Width;
        for (int item = first; item < last; item++)
        {
            int tile0 = item * TilesPerBlock;
            int tile1 = Math.Min(Tiles.Count, tile0 + TilesPerBlock);
            WinogradSet set = new(Tiles, tile0, tile1, (WinogradSpot*)scratch);
            nint plane = (nint)(tile1 - tile0) * Blocks.Width;
            for (int source = source0; source < source1; source++)
            {
                Tiles.Sources<T>(set, inputs.Planes(tile0, source), inputs.Image, v + ((source - source0) * plane), SourceStride, room);
            }

            for (int target = target0; target < target1; target++)
            {
                Tiles.TargetGradients<T>(set, gradients.Planes(tile0, target), gradients.Image, m + ((target - target0) * plane), TargetStride, room);
            }

            span.DyBlock = plane;
            for (int position = 0; position < 36; position++)
            {
                set.Having(position, out int begin, out span.Pixels);
                for (int target = target0; span.Pixels > 0 && target < target1; target += TileBlocks)
                {
                    int blocks = Math.Min(TileBlocks, target1 - target);
                    float* g = m + (position * TargetStride) + ((target - target0) * plane) + (begin * Blocks.Width);
                    for (int source = source0; source < source1; source++)
                    {
                        float* a = v + (position * SourceStride) + ((source - source0) * plane) + (begin * Blocks.Width);
                        float* to = du + (position * SumStride) + ((((nint)(target - target0) * SourcesPerRange) + (source - source0)) * Blocks.Width * Blocks.Width);
                        int channels = Math.Min(Blocks.Width, Tiles.SourceChannels - (source * Blocks.Width));
                        for (int channel = 0; channel < channels; channel += WeightTile.Channels)
                        {
                            WeightTile.Run(blocks, &span, a + channel, g, to + (channel * Blocks.Width), true);
                        }
                    }
                }
            }
        }

        float* sums = shared + (part * WeightParts.TotalFloats(Sizes));
        for (int target = target0; target < target1; target++)
        {
            for (int source = source0; source < source1; source++)
            {
                float* from = du + ((((nint)(target - target0) * SourcesPerRange) + (source - source0)) * Blocks.Width * Blocks.Width);
                float* slab = sums + ((((long)target * Tiles.SourceBlocks) + source) * Tiles.Window * Blocks.Width * Blocks.Width);
                int channels = Math.Min(Blocks.Width, Tiles.SourceChannels - (source * Blocks.Width));
                for (int channel = 0; channel < channels; channel++)
                {
                    WinogradTransforms.WeightsGradient<T>(Tiles.Taps, from + (channel * Blocks.Width), SumStride, slab + (channel * Blocks.Width), Blocks.Width * Blocks.Width, room);
                }
            }
        }
    }
}
