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
internal readonly unsafe struct WinogradSum : IWinogradSum
{
    private const int MostTiles = 42;
    private const int WantedChunks = 16;
    private const double LeastCycles = 100_000;

    /// <summary>Cuts the sum.</summary>
    public WinogradSum(in ConvShape s)
    {
        Tiles = WinogradTiles.Forward(s);
        double cycles = Tiles.Positions * Tiles.Count * s.C * s.K / InstructionSet.MacsPerCycle;
        Cut = new(Correlation.Forward(s, Layout.Blocked), Tiles.Count, Correlation.Even(Tiles.Count, MostTiles), (int)Math.Clamp(cycles / LeastCycles, 1, WantedChunks));
    }

    /// <summary>The tiles.</summary>
    public WinogradTiles Tiles { get; }

    /// <inheritdoc/>
    public WinogradCut Cut { get; }

    /// <inheritdoc/>
    public long ScratchFloats
    {
        get
        {
            int tiles = Math.Min(Tiles.Count, MostTiles);
            nint strides = WinogradProduct.Stride(Cut.SourcesPerRange, tiles) + WinogradProduct.Stride(Cut.TargetsPerRange, tiles) + Cut.SumStride;
            return Math.Max(WinogradSpot.Floats(tiles) + (2 * WinogradTransforms.Room) + (36 * strides), WeightParts.SlabFloats(Cut.Sizes));
        }
    }

    private nint SourceStride => WinogradProduct.Stride(Cut.SourcesPerRange, Cut.TilesPerBlock);

    private nint TargetStride => WinogradProduct.Stride(Cut.TargetsPerRange, Cut.TilesPerBlock);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Run<T>(int chunk, float* x, Layout inputLayout, float* dy, Layout gradientLayout, float* shared, float* scratch)
        where T : struct, ILanes<T>
    {
        WinogradCut cut = Cut;
        int part = chunk / cut.Ranges;
        int range = chunk % cut.Ranges;
        int sourceRanges = Correlation.Pieces(Tiles.SourceBlocks, cut.SourcesPerRange);
        int source0 = range % sourceRanges * cut.SourcesPerRange;
        int source1 = Math.Min(Tiles.SourceBlocks, source0 + cut.SourcesPerRange);
        int target0 = range / sourceRanges * cut.TargetsPerRange;
        int target1 = Math.Min(Tiles.TargetBlocks, target0 + cut.TargetsPerRange);

        float* room = scratch + WinogradSpot.Floats(cut.TilesPerBlock);
        float* v = room + (2 * WinogradTransforms.Room);
        float* m = v + (36 * SourceStride);
        float* du = m + (36 * TargetStride);
        var inputs = Tiles.SourceImages(x, inputLayout, null);
        var gradients = Tiles.TargetImages(dy, gradientLayout, null);
        int first = (int)((long)cut.Items * part / cut.Parts);
        int last = (int)((long)cut.Items * (part + 1) / cut.Parts);
        WeightSpan span = default;
        span.Images = 1;
        span.Rows = 1;
        span.DwBlock = (nint)cut.SourcesPerRange * Blocks.Width * Blocks.Width;
        for (int item = first; item < last; item++)
        {
            int tile0 = item * cut.TilesPerBlock;
            int tile1 = Math.Min(Tiles.Count, tile0 + cut.TilesPerBlock);
            WinogradSet set = new(Tiles, tile0, tile1, (WinogradSpot*)scratch);
            nint plane = (nint)(tile1 - tile0) * Blocks.Width;
            for (int source = source0; source < source1; source++)
            {
                Tiles.Sources<T>(set, inputs, inputs.Planes(tile0, source), v + ((source - source0) * plane), SourceStride, room);
            }

            for (int target = target0; target < target1; target++)
            {
                Tiles.TargetGradients<T>(set, gradients, gradients.Planes(tile0, target), m + ((target - target0) * plane), TargetStride, room);
            }

            span.DyBlock = plane;
            for (int position = 0; position < 36; position++)
            {
                set.Having(position, out int begin, out span.Pixels);
                float* sum = du + (position * cut.SumStride);
                if (span.Pixels == 0)
                {
                    // Larger tiles alone have it, of which another block may have some.
                    cut.Begin(sum, item > first);
                    continue;
                }

                for (int target = target0; target < target1; target += cut.TileBlocks)
                {
                    int blocks = Math.Min(cut.TileBlocks, target1 - target);
                    float* g = m + (position * TargetStride) + ((target - target0) * plane) + (begin * Blocks.Width);
                    for (int source = source0; source < source1; source++)
                    {
                        float* a = v + (position * SourceStride) + ((source - source0) * plane) + (begin * Blocks.Width);
                        float* to = sum + ((((nint)(target - target0) * cut.SourcesPerRange) + (source - source0)) * Blocks.Width * Blocks.Width);
                        int channels = Math.Min(Blocks.Width, Tiles.SourceChannels - (source * Blocks.Width));
                        for (int channel = 0; channel < channels; channel += WeightTile.Channels)
                        {
                            WeightTile.Run(blocks, &span, a + channel, g, to + (channel * Blocks.Width), item > first);
                        }
                    }
                }
            }
        }

        float* sums = shared + (part * WeightParts.TotalFloats(cut.Sizes));
        for (int target = target0; target < target1; target++)
        {
            for (int source = source0; source < source1; source++)
            {
                float* from = du + ((((nint)(target - target0) * cut.SourcesPerRange) + (source - source0)) * Blocks.Width * Blocks.Width);
                float* slab = sums + ((((long)target * Tiles.SourceBlocks) + source) * Tiles.Window * Blocks.Width * Blocks.Width);
                int channels = Math.Min(Blocks.Width, Tiles.SourceChannels - (source * Blocks.Width));
                for (int channel = 0; channel < channels; channel++)
                {
                    WinogradTransforms.WeightsGradient<T>(Tiles.Taps, from + (channel * Blocks.Width), cut.SumStride, slab + (channel * Blocks.Width), Blocks.Width * Blocks.Width, room);
                }
            }
        }
    }
}
