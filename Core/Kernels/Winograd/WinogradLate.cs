using System.Runtime.CompilerServices;
using Fovea.Core.Shapes;

namespace Fovea.Core.Kernels;

/// <summary>
/// <see cref="WinogradProduct"/> for many channels and few tiles. There the 36 transforms of the weights, four times the
/// weights, would be written to memory and read back for a handful of tiles; here they are made just before they are used,
/// a few channels at a time, and never leave the second-level cache.
/// </summary>
/// <remarks>
/// <code>
/// packed   [target block][source channel][window][16 filters]
/// v        [36][source block][tile][16] of all channels, m [36][target block of the range][tile][16]
/// u        [36][filter group of the range][source channel of the pass][filters of the group]
/// </code>
/// </remarks>
internal readonly unsafe struct WinogradLate : IWinogradProduct
{
    private const int PassBlocks = 4;
    private const int RangeBlocks = 2;
    private const int MostTiles = 128;
    private const int WantedChunks = 8;

    private readonly bool backward;

    private WinogradLate(WinogradTiles tiles, bool backward)
    {
        this.backward = backward;
        Tiles = tiles;
        GroupBlocks = Math.Min(Math.Min(2, PixelTile.MostBlocks), tiles.TargetBlocks);
        TilesPerChunk = tiles.Chunk(MostTiles);
        int ranges = Correlation.Pieces(tiles.TargetBlocks, RangeBlocks);
        int parts = Math.Max(1, Correlation.Pieces(tiles.Count, TilesPerChunk));
        RangesPerChunk = Correlation.Even(ranges, Correlation.Pieces(ranges, Math.Clamp(WantedChunks / parts, 1, ranges)));
    }

    /// <summary>The tiles.</summary>
    public WinogradTiles Tiles { get; }

    /// <summary>Target blocks that a register tile takes.</summary>
    public int GroupBlocks { get; }

    /// <summary>Ranges of target blocks in a chunk.</summary>
    public int RangesPerChunk { get; }

    /// <summary>Tiles in a chunk.</summary>
    public int TilesPerChunk { get; }

    /// <summary>Chunks of work.</summary>
    public int Chunks => Correlation.Pieces(Tiles.Count, TilesPerChunk) * Slices;

    /// <summary>Chunks in a row that share their tiles.</summary>
    public int Slices => Correlation.Pieces(Correlation.Pieces(Tiles.TargetBlocks, RangeBlocks), RangesPerChunk);

    /// <summary>Chunks of packing weights: one a block of filters.</summary>
    public int PackingChunks => backward ? Tiles.SourceBlocks : Tiles.TargetBlocks;

    /// <summary>Floats of packed weights.</summary>
    public long PackedFloats => (long)Tiles.Window * Tiles.SourceChannels * Tiles.TargetBlocks * Blocks.Width;

    /// <summary>Floats of scratch a worker, as much as any smaller batch needs.</summary>
    public long ScratchFloats =>
        (36 * (WinogradProduct.Stride(Tiles.SourceBlocks, Math.Min(Tiles.Count, MostTiles)) + WinogradProduct.Stride(RangeBlocks, Math.Min(Tiles.Count, MostTiles)) + WeightStride)) + (2 * WinogradTransforms.Room) + (Tiles.TargetBlocks * Blocks.Width) + TapFloats + WinogradSpot.Floats(Math.Min(Tiles.Count, MostTiles)) + Tiles.BandFloats(Math.Min(Tiles.Count, MostTiles));

    private int TapFloats => ((2 * Tiles.SourceBlocks) + 15) & ~15;

    // Odd numbers of cache lines apart, so that the 36 do not fall on one set of the cache.
    private nint SourceStride => WinogradProduct.Stride(Tiles.SourceBlocks, TilesPerChunk);

    private nint TargetStride => WinogradProduct.Stride(RangeBlocks, TilesPerChunk);

    private nint WeightStride => ((PassBlocks * Blocks.Width * RangeBlocks) | 1) * Blocks.Width;

    /// <summary>y from x.</summary>
    public static WinogradLate Forward(in ConvShape s) => new(WinogradTiles.Forward(s), false);

    /// <summary>dx from dy.</summary>
    public static WinogradLate Backward(in ConvShape s) => new(WinogradTiles.Backward(s), true);

    /// <summary>Arranges the weights of one block of filters.</summary>
    public void Pack<T>(int chunk, float* weights, float* packed)
        where T : struct, ILanes<T>
    {
        nint block = (nint)Tiles.SourceChannels * Tiles.Window * Blocks.Width;
        if (!backward)
        {
            WinogradWeights.Gather(Tiles.SourceChannels, Tiles.TargetChannels, Tiles.Window, false, weights, chunk, 0, Tiles.SourceChannels, packed + (chunk * block));
            return;
        }

        int first = chunk * Blocks.Width;
        int count = Math.Min(Blocks.Width, Tiles.SourceChannels - first);
        for (int target = 0; target < Tiles.TargetBlocks; target++)
        {
            WinogradWeights.Gather(Tiles.SourceChannels, Tiles.TargetChannels, Tiles.Window, true, weights, target, first, count, packed + (target * block) + (first * Tiles.Window * Blocks.Width));
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
        float* u = m + (36 * TargetStride);
        var taps = (Tap*)(u + (36 * WeightStride));
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
            for (int pass0 = 0; pass0 < Tiles.SourceBlocks; pass0 += PassBlocks)
            {
                int pass1 = Math.Min(Tiles.SourceBlocks, pass0 + PassBlocks);
                int channels = Math.Min(Tiles.SourceChannels, pass1 * Blocks.Width) - (pass0 * Blocks.Width);
                nint nextPass = (taps[pass0 + PassBlocks < Tiles.SourceBlocks ? pass0 + PassBlocks : 0].Offset - taps[pass0].Offset) - (35 * SourceStride);
                Transform<T>(packed, block0, block1, pass0 * Blocks.Width, channels, u, room);
                TileFlags flags = pass0 > 0 ? TileFlags.Accumulate : TileFlags.None;
                for (int position = 0; position < 36; position++)
                {
                    set.Having(position, out int first, out int count);
                    for (int block = block0; count > 0 && block < block1; block += GroupBlocks)
                    {
                        int blocks = Math.Min(GroupBlocks, block1 - block);
                        float* w = u + (position * WeightStride) + ((nint)(block - block0) * channels * Blocks.Width);
                        float* to = m + (position * TargetStride) + ((((nint)(block - block0) * tiles) + first) * Blocks.Width);
                        PixelTile.Row<PositionStep>(blocks, count, taps + pass0, pass1 - pass0, v + (position * SourceStride) + (first * Blocks.Width), w, to, (nint)tiles * Blocks.Width, Blocks.Width, null, flags, position < 35 ? SourceStride : nextPass);
                    }
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

    // The weights of a pass's channels and a range's filters.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Transform<T>(float* packed, int block0, int block1, int channel0, int channels, float* u, float* room)
        where T : struct, ILanes<T>
    {
        for (int block = block0; block < block1; block++)
        {
            int group = (block - block0) / GroupBlocks * GroupBlocks;
            int width = Math.Min(GroupBlocks, block1 - block0 - group) * Blocks.Width;
            float* from = packed + ((((long)block * Tiles.SourceChannels) + channel0) * Tiles.Window * Blocks.Width);
            float* to = u + ((nint)group * channels * Blocks.Width) + ((block - block0 - group) * Blocks.Width);
            for (int channel = 0; channel < channels; channel++)
            {
                WinogradTransforms.Weights<T>(Tiles.Taps, from, to, WeightStride, room);
                from += Tiles.Window * Blocks.Width;
                to += width;
            }
        }
    }
}
