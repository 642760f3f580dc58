using System.Runtime.CompilerServices;
using Fovea.Core.Shapes;

namespace Fovea.Core.Kernels;

/// <summary>
/// Convolution by 3×3 windows of stride 2 with fewer multiplications, forward and backward for inputs: sources are transformed
/// tile by tile, each of 36 groups of positions is a matrix product over the channels, the products are transformed back.
/// 81 multiplications do the work of 144. Where channels are many and tiles few, the transforms of the weights, four times the
/// weights, are made just before they are used, a few channels at a time, instead of written to memory and read back.
/// </summary>
/// <remarks>
/// <code>
/// weights  K×C×3×3, plain
/// packed   [filter group][36][source channel][filters of the group]; late [target block][source channel][window][16 filters]
/// v        [source block][36][positions of the group][tile][16], and m the same with target blocks: per worker
/// band     rows of plain images, one block: see <see cref="WinogradImages"/>
/// </code>
/// </remarks>
[SkipLocalsInit]
internal readonly unsafe struct WinogradStridedProduct : IWinogradProduct
{
    private const int Groups = WinogradStridedSet.Groups;
    private const int ScratchBytes = 1 << 20;
    private const int LateScratchBytes = 3 << 20;
    private const int MostTiles = 56;
    private const int FewestTiles = 14;
    private const int WantedChunks = 8;
    private const double LeastCycles = 400_000;

    // Source blocks whose weights are transformed at once, late.
    private const int PassBlocks = 4;

    private readonly int mostTiles;

    private WinogradStridedProduct(WinogradStridedTiles tiles, bool late)
    {
        Tiles = tiles;
        IsLate = late;
        GroupBlocks = Math.Min(Math.Min(2, PixelTile.MostBlocks), tiles.TargetBlocks);
        int groups = Correlation.Pieces(tiles.TargetBlocks, GroupBlocks);
        RangeBlocks = GroupBlocks * Math.Min(groups, 2 / GroupBlocks);
        int channels = (tiles.SourceBlocks + RangeBlocks) * Blocks.Width;
        int fit = mostTiles = Math.Clamp((int)((late ? LateScratchBytes : ScratchBytes) / (tiles.Positions * channels * sizeof(float))), FewestTiles, MostTiles);

        // Late, a set of tiles is as large as it may be: each has all weights transformed.
        int fewest = late ? fit : FewestTiles;
        double cycles = tiles.Positions * tiles.Count * tiles.SourceChannels * tiles.TargetChannels / InstructionSet.MacsPerCycle;
        int wanted = (int)Math.Clamp(cycles / LeastCycles, 1, WantedChunks);

        // Where tiles are few, ranges of filters are dealt out as well; each worker then transforms the sources.
        int ranges = Correlation.Pieces(tiles.TargetBlocks, RangeBlocks);
        int slices = Math.Clamp(wanted / Math.Max(1, Correlation.Pieces(tiles.Count, fewest)), 1, ranges);
        RangesPerChunk = Correlation.Even(ranges, Correlation.Pieces(ranges, slices));
        slices = Correlation.Pieces(ranges, RangesPerChunk);
        TilesPerChunk = tiles.Chunk(Math.Clamp(tiles.Count * slices / wanted, fewest, fit));
    }

    /// <summary>The tiles.</summary>
    public WinogradStridedTiles Tiles { get; }

    /// <summary>Whether weights are transformed where they are used.</summary>
    public bool IsLate { get; }

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

    /// <summary>
    /// Chunks of packing weights, which are read as they lie, filter by filter: one a group of filters forward (late, a block),
    /// one a block of them backward.
    /// </summary>
    public int PackingChunks => Tiles.IsBackward ? Tiles.SourceBlocks : IsLate ? Tiles.TargetBlocks : FilterGroups;

    /// <summary>Floats of packed weights.</summary>
    public long PackedFloats => (IsLate ? WinogradStridedTiles.Window : (long)Groups) * Tiles.SourceChannels * Tiles.TargetBlocks * Blocks.Width;

    /// <summary>Floats of scratch a worker, as much as any smaller batch needs.</summary>
    public long ScratchFloats
    {
        get
        {
            int tiles = Math.Min(Tiles.Count, mostTiles);
            long blocks = Tiles.SourceBlocks + RangeBlocks;
            return WinogradStridedSet.Floats(tiles) + (2 * WinogradStridedTransforms.Room) + (Tiles.TargetBlocks * Blocks.Width) + (blocks * WinogradStridedSet.BlockFloats(Tiles, tiles)) + Tiles.BandFloats(tiles) + (IsLate ? Groups * LateStride : 0) + (((2 * Tiles.SourceBlocks) + 15) & ~15);
        }
    }

    /// <summary>Chunks in a row that share their tiles.</summary>
    public int Slices => Correlation.Pieces(Correlation.Pieces(Tiles.TargetBlocks, RangeBlocks), RangesPerChunk);

    // Floats between two of the 36 where weights are transformed late: an odd number of cache lines.
    private nint LateStride => ((PassBlocks * Blocks.Width * RangeBlocks) | 1) * Blocks.Width;

    private int FilterGroups => Correlation.Pieces(Tiles.TargetBlocks, GroupBlocks);

    /// <summary>y from x.</summary>
    public static WinogradStridedProduct Forward(in ConvShape s, bool late) => new(WinogradStridedTiles.Forward(s), late);

    /// <summary>dx from dy.</summary>
    public static WinogradStridedProduct Backward(in ConvShape s, bool late) => new(WinogradStridedTiles.Backward(s), late);

    /// <summary>Transforms one chunk of the weights, or only arranges it.</summary>
    public void Pack<T>(int chunk, float* weights, float* packed)
        where T : struct, ILanes<T>
    {
        if (IsLate)
        {
            Arrange(chunk, weights, packed);
            return;
        }

        if (!Tiles.IsBackward)
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

    // The weights of one block of filters, as vectors of target channels.
    private void Arrange(int chunk, float* weights, float* packed)
    {
        nint block = (nint)Tiles.SourceChannels * WinogradStridedTiles.Window * Blocks.Width;
        if (!Tiles.IsBackward)
        {
            WinogradWeights.Gather(Tiles.SourceChannels, Tiles.TargetChannels, WinogradStridedTiles.Window, false, weights, chunk, 0, Tiles.SourceChannels, packed + (chunk * block));
            return;
        }

        int first = chunk * Blocks.Width;
        int count = Math.Min(Blocks.Width, Tiles.SourceChannels - first);
        for (int target = 0; target < Tiles.TargetBlocks; target++)
        {
            WinogradWeights.Gather(Tiles.SourceChannels, Tiles.TargetChannels, WinogradStridedTiles.Window, true, weights, target, first, count, packed + (target * block) + (first * WinogradStridedTiles.Window * Blocks.Width));
        }
    }

    // A group of target blocks and sixteen source channels: their 36 transforms leave in long runs.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Pack<T>(int group, int channel, float* weights, float* packed)
        where T : struct, ILanes<T>
    {
        float* taps = stackalloc float[Blocks.Width * WinogradStridedTiles.Window * Blocks.Width];
        float* room = stackalloc float[WinogradStridedTransforms.Room];
        float* u = stackalloc float[Groups * ((Blocks.Width * 2) + 1) * Blocks.Width];
        int first = group * GroupBlocks;
        int blocks = Math.Min(GroupBlocks, Tiles.TargetBlocks - first);
        int width = blocks * Blocks.Width;
        int channels = Math.Min(Blocks.Width, Tiles.SourceChannels - channel);

        // An odd number of cache lines apart, so that the 36 do not fall on one set of the cache.
        int stride = ((channels * blocks) | 1) * Blocks.Width;
        for (int block = 0; block < blocks; block++)
        {
            WinogradWeights.Gather(Tiles.SourceChannels, Tiles.TargetChannels, WinogradStridedTiles.Window, Tiles.IsBackward, weights, first + block, channel, channels, taps);
            for (int c = 0; c < channels; c++)
            {
                WinogradStridedTransforms.Weights<T>(taps + (c * WinogradStridedTiles.Window * Blocks.Width), u + (c * width) + (block * Blocks.Width), stride, room);
            }
        }

        packed += (long)Groups * first * Blocks.Width * Tiles.SourceChannels;
        for (int position = 0; position < Groups; position++)
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
        WinogradStridedSet set = new(Tiles, tile0, tile1, scratch);

        float* room = scratch + WinogradStridedSet.Floats(tile1 - tile0);
        float* padded = room + (2 * WinogradStridedTransforms.Room);
        float* v = padded + (Tiles.TargetBlocks * Blocks.Width);
        float* m = v + (Tiles.SourceBlocks * set.Block);
        float* band = m + (RangeBlocks * set.Block);
        float* late = band + Tiles.BandFloats(tile1 - tile0);
        var taps = (Tap*)(late + (IsLate ? Groups * LateStride : 0));
        int passBlocks = IsLate ? PassBlocks : Tiles.SourceBlocks;
        WinogradImages sources = Tiles.SourceImages(source, sourceLayout, band);
        WinogradImages targets = Tiles.TargetImages(target, targetLayout, band);
        for (int block = 0; block < Tiles.SourceBlocks; block++)
        {
            if (!isTransformed)
            {
                Tiles.Sources<T>(set, sources, sources.Read(tile0, tile1, block), v + (block * set.Block), room);
            }

            taps[block] = new Tap(checked((int)(block * set.Block)), Math.Min(Blocks.Width, Tiles.SourceChannels - (block * Blocks.Width)));
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
            for (int pass0 = 0; pass0 < Tiles.SourceBlocks; pass0 += passBlocks)
            {
                int pass = Math.Min(passBlocks, Tiles.SourceBlocks - pass0);
                int channels = Math.Min(Tiles.SourceChannels, (pass0 + pass) * Blocks.Width) - (pass0 * Blocks.Width);
                nint nextPass = taps[pass0 + passBlocks < Tiles.SourceBlocks ? pass0 + passBlocks : 0].Offset - taps[pass0].Offset;
                if (IsLate)
                {
                    Transform<T>(packed, block0, block1, pass0 * Blocks.Width, channels, late, room);
                }

                TileFlags flags = pass0 > 0 ? TileFlags.Accumulate : TileFlags.None;
                for (int group = 0; group < Groups; group++)
                {
                    int pixels = set.Pixels[group];
                    for (int block = block0; pixels > 0 && block < block1; block += GroupBlocks)
                    {
                        int blocks = Math.Min(GroupBlocks, Tiles.TargetBlocks - block);
                        float* u = IsLate
                            ? late + (group * LateStride) + ((nint)(block - block0) * channels * Blocks.Width)
                            : packed + ((((long)Groups * block) + ((long)group * blocks)) * Blocks.Width * Tiles.SourceChannels);
                        float* to = m + ((block - block0) * set.Block) + set.Begins[group];
                        nint apart = group < Groups - 1 ? set.Begins[group + 1] - set.Begins[group] : nextPass - set.Begins[group];
                        PixelTile.Row<PositionStep>(blocks, pixels, taps + pass0, pass, v + set.Begins[group], u, to, set.Block, Blocks.Width, null, flags, apart);
                    }
                }
            }

            for (int block = block0; block < block1; block++)
            {
                float* b = bias == null ? null : padded + (block * Blocks.Width);
                float* planes = targets.Planes(tile0, block);
                Tiles.Targets<T>(set, m + ((block - block0) * set.Block), b, relu, targets, planes, room);
                targets.Written(tile0, tile1, block, planes);
            }
        }
    }

    // The weights of a pass's channels and a range's filters.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Transform<T>(float* packed, int block0, int block1, int channel0, int channels, float* u, float* room)
        where T : struct, ILanes<T>
    {
        for (int block = block0; block < block1; block++)
        {
            int group = (block - block0) / GroupBlocks * GroupBlocks;
            int width = Math.Min(GroupBlocks, block1 - block0 - group) * Blocks.Width;
            float* from = packed + ((((long)block * Tiles.SourceChannels) + channel0) * WinogradStridedTiles.Window * Blocks.Width);
            float* to = u + ((nint)group * channels * Blocks.Width) + ((block - block0 - group) * Blocks.Width);
            for (int channel = 0; channel < channels; channel++)
            {
                WinogradStridedTransforms.Weights<T>(from, to, LateStride, room);
                from += WinogradStridedTiles.Window * Blocks.Width;
                to += width;
            }
        }
    }
}
