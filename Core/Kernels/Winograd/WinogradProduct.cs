using System.Runtime.CompilerServices;
using Fovea.Core.Shapes;

namespace Fovea.Core.Kernels;

/// <summary>
/// Convolution by F(4×4, 3×3) or F(2×2, 5×5), forward and backward for inputs: sources are transformed tile by tile, each of the up
/// to 36 positions is a matrix product over the channels, the products are transformed back. One multiplication
/// does the work of four (of 2.8 for 5×5).
/// </summary>
/// <remarks>
/// <code>
/// weights  K×C×R×S, plain
/// packed   [filter group][36][source channel][filters of the group]
/// v        [36][source block][tile][16], and m the same with target blocks: per worker, fetched into the second-level cache position by position
/// band     rows of plain images, one block: see <see cref="WinogradImages"/>
/// </code>
/// </remarks>
[SkipLocalsInit]
internal readonly unsafe struct WinogradProduct : IWinogradProduct
{
    private const int ScratchBytes = 1 << 20;
    private const int MostTiles = 84;
    private const long FarFloats = 1 << 20;
    private const int MostFarTiles = 112;
    private const int LeastTiles = 28;
    private const int FewestTiles = 14;
    private const int FewestTilesOfAll = 8;
    private const int WantedChunks = 8;
    private const double LeastCycles = 16_000;

    private readonly bool backward;
    private readonly int mostTiles;

    private WinogradProduct(WinogradTiles tiles, bool backward)
    {
        this.backward = backward;
        Tiles = tiles;
        GroupBlocks = Math.Min(Math.Min(2, PixelTile.MostBlocks), tiles.TargetBlocks);
        int groups = Correlation.Pieces(tiles.TargetBlocks, GroupBlocks);

        // Filters are taken a group at a time, so that more tiles fit beside their products. Where the weights are many times the
        // second-level cache, what counts is that each of their reads serves many tiles.
        bool far = PackedFloats > FarFloats && tiles.Count >= 4 * MostFarTiles;
        int rangeGroups = far ? groups : 1;
        int channels = (tiles.SourceBlocks + (rangeGroups * GroupBlocks)) * Blocks.Width;
        int fit = mostTiles = far ? MostFarTiles : Math.Clamp((int)(ScratchBytes / (tiles.Positions * channels * sizeof(float))), LeastTiles, MostTiles);
        double cycles = tiles.Positions * tiles.Count * tiles.SourceChannels * tiles.TargetChannels / InstructionSet.MacsPerCycle;
        int wanted = (int)Math.Clamp(cycles / LeastCycles, 1, WantedChunks);
        RangeBlocks = rangeGroups * GroupBlocks;

        // Many tiles share a read of the weights: ranges of filters are dealt out before tiles are.
        int ranges = Correlation.Pieces(groups, rangeGroups);
        int slices = Math.Clamp(wanted / Math.Max(1, Correlation.Pieces(tiles.Count, fit)), 1, ranges);
        RangesPerChunk = Correlation.Even(ranges, Correlation.Pieces(ranges, slices));
        slices = Correlation.Pieces(ranges, RangesPerChunk);
        int fewest = tiles.Count < 2 * FewestTiles ? FewestTilesOfAll : FewestTiles;
        TilesPerChunk = tiles.Chunk(Math.Clamp(tiles.Count * slices / wanted, fewest, fit));
    }

    /// <summary>The tiles.</summary>
    public WinogradTiles Tiles { get; }

    /// <summary>Target blocks that packed weights lie together for.</summary>
    public int GroupBlocks { get; }

    /// <summary>Target blocks whose products are held at once.</summary>
    public int RangeBlocks { get; }

    /// <summary>Ranges of target blocks in a chunk.</summary>
    public int RangesPerChunk { get; }

    /// <summary>Tiles in a chunk.</summary>
    public int TilesPerChunk { get; }

    /// <summary>Chunks of work.</summary>
    public int Chunks => Correlation.Pieces(Tiles.Count, TilesPerChunk) * Slices;

    /// <summary>Chunks in a row that share their tiles.</summary>
    public int Slices => Correlation.Pieces(Correlation.Pieces(Tiles.TargetBlocks, RangeBlocks), RangesPerChunk);

    /// <summary>
    /// Chunks of packing weights, which are read as they lie, filter by filter: one a group of filters forward, one a
    /// block of them backward.
    /// </summary>
    public int PackingChunks => backward ? Tiles.SourceBlocks : FilterGroups;

    /// <summary>Floats of packed weights.</summary>
    public long PackedFloats => 36L * Tiles.SourceChannels * Tiles.TargetBlocks * Blocks.Width;

    /// <summary>Floats of scratch a worker, as much as any smaller batch needs.</summary>
    public long ScratchFloats =>
        (36 * (Stride(Tiles.SourceBlocks, Math.Min(Tiles.Count, mostTiles)) + Stride(RangeBlocks, Math.Min(Tiles.Count, mostTiles)))) + (2 * WinogradTransforms.Room) + (Tiles.TargetBlocks * Blocks.Width) + TapFloats + WinogradSpot.Floats(Math.Min(Tiles.Count, mostTiles)) + Tiles.BandFloats(Math.Min(Tiles.Count, mostTiles));

    private int TapFloats => ((2 * Tiles.SourceBlocks) + 15) & ~15;

    private int FilterGroups => Correlation.Pieces(Tiles.TargetBlocks, GroupBlocks);

    // An odd number of cache lines apart, so that the 36 do not fall on one set of the cache.
    private nint SourceStride => Stride(Tiles.SourceBlocks, TilesPerChunk);

    private nint TargetStride => Stride(RangeBlocks, TilesPerChunk);

    /// <summary>y from x.</summary>
    public static WinogradProduct Forward(in ConvShape s) => new(WinogradTiles.Forward(s), false);

    /// <summary>dx from dy.</summary>
    public static WinogradProduct Backward(in ConvShape s) => new(WinogradTiles.Backward(s), true);

    /// <summary>Floats between two of the 36, for so many blocks and tiles.</summary>
    internal static nint Stride(int blocks, int tiles) => (((nint)blocks * tiles) | 1) * Blocks.Width;

    /// <summary>Transforms one chunk of the weights.</summary>
    public void Pack<T>(int chunk, float* weights, float* packed)
        where T : struct, ILanes<T>
    {
        if (!backward)
        {
            for (int channel = 0; channel < Tiles.SourceChannels; channel += Blocks.Width)
            {
                Pack<T>(chunk, channel, weights, packed);
            }

            return;
        }

        for (int group = 0; group < FilterGroups; group++)
        {
            Pack<T>(group, chunk * Blocks.Width, weights, packed);
        }
    }

    // A group of target blocks and sixteen source channels: their 36 transforms leave in long runs.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Pack<T>(int group, int channel, float* weights, float* packed)
        where T : struct, ILanes<T>
    {
        float* taps = stackalloc float[Blocks.Width * Tiles.Window * Blocks.Width];
        float* room = stackalloc float[WinogradTransforms.Room];
        float* u = stackalloc float[36 * ((2 * Blocks.Width) + 1) * Blocks.Width];
        int first = group * GroupBlocks;
        int blocks = Math.Min(GroupBlocks, Tiles.TargetBlocks - first);
        int width = blocks * Blocks.Width;
        int channels = Math.Min(Blocks.Width, Tiles.SourceChannels - channel);

        // An odd number of cache lines apart, for powers of two would fall on two sets of the cache.
        int stride = ((channels * blocks) | 1) * Blocks.Width;
        for (int block = 0; block < blocks; block++)
        {
            WinogradWeights.Gather(Tiles.SourceChannels, Tiles.TargetChannels, Tiles.Window, backward, weights, first + block, channel, channels, taps);
            for (int c = 0; c < channels; c++)
            {
                WinogradTransforms.Weights<T>(Tiles.Taps, taps + (c * Tiles.Window * Blocks.Width), u + (c * width) + (block * Blocks.Width), stride, room);
            }
        }

        packed += 36L * first * Blocks.Width * Tiles.SourceChannels;
        for (int position = 0; position < 36; position++)
        {
            new ReadOnlySpan<float>(u + (position * stride), channels * width)
                .CopyTo(new Span<float>(packed + ((((long)position * Tiles.SourceChannels) + channel) * width), channels * width));
        }
    }

    /// <summary>Computes one chunk; where <paramref name="scratch"/> has its tiles' transforms already, from their last slice, with those.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Run<T>(int chunk, bool isTransformed, float* source, Layout sourceLayout, float* packed, float* bias, bool relu, float* target, Layout targetLayout, float* scratch)
        where T : struct, ILanes<T>
    {
        int range0 = chunk % Slices * RangesPerChunk;
        int range1 = Math.Min(Correlation.Pieces(Tiles.TargetBlocks, RangeBlocks), range0 + RangesPerChunk);
        int tile0 = chunk / Slices * TilesPerChunk;
        int tile1 = Math.Min(Tiles.Count, tile0 + TilesPerChunk);
        int tiles = tile1 - tile0;
        WinogradSet set = new(Tiles, tile0, tile1, (WinogradSpot*)scratch);

        float* room = scratch + WinogradSpot.Floats(tiles);
        float* padded = room + (2 * WinogradTransforms.Room);
        float* v = padded + (Tiles.TargetBlocks * Blocks.Width);
        float* m = v + (36 * SourceStride);
        var taps = (Tap*)(m + (36 * TargetStride));
        float* band = (float*)taps + TapFloats;
        var sources = Tiles.SourceImages(source, sourceLayout, band);
        var targets = Tiles.TargetImages(target, targetLayout, band);
        for (int block = 0; block < Tiles.SourceBlocks; block++)
        {
            if (!isTransformed)
            {
                Tiles.Sources<T>(set, sources, sources.Read(tile0, tile1, block), v + ((nint)block * tiles * Blocks.Width), SourceStride, room);
            }

            taps[block] = new Tap(block * tiles * Blocks.Width, Math.Min(Blocks.Width, Tiles.SourceChannels - (block * Blocks.Width)));
        }

        if (bias != null)
        {
            new ReadOnlySpan<float>(bias, Tiles.TargetChannels).CopyTo(new Span<float>(padded, Tiles.TargetChannels));
            new Span<float>(padded + Tiles.TargetChannels, (Tiles.TargetBlocks * Blocks.Width) - Tiles.TargetChannels).Clear();
        }

        for (int range = range0; range < range1; range++)
        {
            int block0 = range * RangeBlocks;
            int block1 = Math.Min(Tiles.TargetBlocks, block0 + RangeBlocks);
            for (int position = 0; position < 36; position++)
            {
                set.Having(position, out int first, out int count);
                for (int block = block0; count > 0 && block < block1; block += GroupBlocks)
                {
                    int blocks = Math.Min(GroupBlocks, Tiles.TargetBlocks - block);
                    float* u = packed + (((36L * block) + ((long)position * blocks)) * Blocks.Width * Tiles.SourceChannels);
                    float* to = m + (position * TargetStride) + ((((nint)(block - block0) * tiles) + first) * Blocks.Width);
                    PixelTile.Row<PositionStep>(blocks, count, taps, Tiles.SourceBlocks, v + (position * SourceStride) + (first * Blocks.Width), u, to, (nint)tiles * Blocks.Width, Blocks.Width, null, TileFlags.None, position < 35 ? SourceStride : -35 * SourceStride);
                }
            }

            for (int block = block0; block < block1; block++)
            {
                float* b = bias == null ? null : padded + (block * Blocks.Width);
                float* planes = targets.Planes(tile0, block);
                Tiles.Targets<T>(set, m + ((nint)(block - block0) * tiles * Blocks.Width), TargetStride, b, relu, targets, planes, room);
                targets.Written(tile0, tile1, block, planes);
            }
        }
    }
}
