using System.Runtime.CompilerServices;
using Fovea.Core.Shapes;

namespace Fovea.Core.Kernels;

/// <summary>
/// Backward weights of 3×3 windows of stride 2: dg = Gᵀ·[Σ over tiles of (Bᵀ·d·B) ⊙ (A·dy·Aᵀ)]·G, where each of the 36 groups of
/// positions is a matrix product over the tiles.
/// </summary>
/// <remarks>
/// <code>
/// v       [source block of the range][36][positions of the group][tile][16], m the same with target blocks
/// band    rows of plain images, one block: see <see cref="WinogradImages"/>
/// du      [36][target block][source block][16 channels][16 filters]
/// shared  [part][target block][source block][window][16 channels][16 filters], as <see cref="WeightParts"/> adds them
/// </code>
/// </remarks>
internal readonly unsafe struct WinogradStridedSum : IWinogradSum
{
    private const int MostTiles = 21;
    private const int WantedChunks = 8;
    private const double LeastCycles = 500_000;
    private const int Groups = WinogradStridedSet.Groups;

    /// <summary>Cuts the sum.</summary>
    public WinogradStridedSum(in ConvShape s)
    {
        Tiles = WinogradStridedTiles.Forward(s);
        double cycles = Tiles.Positions * Tiles.Count * s.C * s.K / InstructionSet.MacsPerCycle;
        Cut = new(Correlation.Forward(s, Layout.Blocked), Tiles.Count, Tiles.Chunk(MostTiles), (int)Math.Clamp(cycles / LeastCycles, 1, WantedChunks));
    }

    /// <summary>The tiles.</summary>
    public WinogradStridedTiles Tiles { get; }

    /// <inheritdoc/>
    public WinogradCut Cut { get; }

    /// <inheritdoc/>
    public long ScratchFloats
    {
        get
        {
            int tiles = Math.Min(Tiles.Count, MostTiles);
            long blocks = (Cut.SourcesPerRange + Cut.TargetsPerRange) * WinogradStridedSet.BlockFloats(Tiles, tiles);
            return Math.Max(WinogradStridedSet.Floats(tiles) + (2 * WinogradStridedTransforms.Room) + blocks + Tiles.BandFloats(tiles) + (Groups * Cut.SumStride), WeightParts.SlabFloats(Cut.Sizes));
        }
    }

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

        float* room = scratch + WinogradStridedSet.Floats(cut.TilesPerBlock);
        float* du = room + (2 * WinogradStridedTransforms.Room);
        float* band = du + (Groups * cut.SumStride);
        float* v = band + Tiles.BandFloats(cut.TilesPerBlock);
        int first = (int)((long)cut.Items * part / cut.Parts);
        int last = (int)((long)cut.Items * (part + 1) / cut.Parts);
        WinogradImages inputs = Tiles.SourceImages(x, inputLayout, band);
        WinogradImages gradients = Tiles.TargetImages(dy, gradientLayout, band);
        WeightSpan span = default;
        span.Images = 1;
        span.Rows = 1;
        span.DwBlock = (nint)cut.SourcesPerRange * Blocks.Width * Blocks.Width;
        for (int item = first; item < last; item++)
        {
            int tile0 = item * cut.TilesPerBlock;
            int tile1 = Math.Min(Tiles.Count, tile0 + cut.TilesPerBlock);
            WinogradStridedSet set = new(Tiles, tile0, tile1, scratch);
            float* m = v + (cut.SourcesPerRange * set.Block);
            for (int source = source0; source < source1; source++)
            {
                Tiles.Sources<T>(set, inputs, inputs.Read(tile0, tile1, source), v + ((source - source0) * set.Block), room);
            }

            for (int target = target0; target < target1; target++)
            {
                Tiles.TargetGradients<T>(set, gradients, gradients.Read(tile0, tile1, target), m + ((target - target0) * set.Block), room);
            }

            span.DyBlock = set.Block;
            for (int group = 0; group < Groups; group++)
            {
                span.Pixels = set.Pixels[group];
                float* sum = du + (group * cut.SumStride);
                if (span.Pixels == 0)
                {
                    cut.Begin(sum, item > first);
                    continue;
                }

                for (int target = target0; target < target1; target += cut.TileBlocks)
                {
                    int blocks = Math.Min(cut.TileBlocks, target1 - target);
                    float* g = m + ((target - target0) * set.Block) + set.Begins[group];
                    for (int source = source0; source < source1; source++)
                    {
                        float* a = v + ((source - source0) * set.Block) + set.Begins[group];
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
                float* slab = sums + ((((long)target * Tiles.SourceBlocks) + source) * WinogradStridedTiles.Window * Blocks.Width * Blocks.Width);
                int channels = Math.Min(Blocks.Width, Tiles.SourceChannels - (source * Blocks.Width));
                for (int channel = 0; channel < channels; channel++)
                {
                    WinogradStridedTransforms.WeightsGradient<T>(from + (channel * Blocks.Width), cut.SumStride, slab + (channel * Blocks.Width), Blocks.Width * Blocks.Width, room);
                }
            }
        }
    }
}
