using System.Runtime.CompilerServices;
using Fovea.Core.Shapes;

namespace Fovea.Core.Kernels;

/// <summary>
/// The tiles of F(4×4, 3×3) and F(2×2, 5×5), and of smaller ones where an axis is not a multiple of 4 or 2: see
/// <see cref="WinogradAxis"/>. Target row i reads source rows i − low to i − low + taps − 1.
/// </summary>
/// <remarks>
/// A target mixes all sources of its tile, with weights that cancel for those outside its own window: NaN and ∞
/// reach all targets of the tile, but no other tile. Past the edges of the image tiles read zeros.
/// </remarks>
internal readonly struct WinogradTiles
{
    // Tiles by which memory is asked for ahead of its use.
    private const int Ahead = 2;

    private WinogradTiles(int taps, int images, int sourceChannels, int sourceRows, int sourceColumns, int targetChannels, int targetRows, int targetColumns, int lowRows, int lowColumns)
    {
        Taps = taps;
        Images = images;
        SourceChannels = sourceChannels;
        SourceRows = sourceRows;
        SourceColumns = sourceColumns;
        TargetChannels = targetChannels;
        TargetRows = targetRows;
        TargetColumns = targetColumns;
        LowRows = lowRows;
        LowColumns = lowColumns;
        Down = new(targetRows, taps);
        Across = new(targetColumns, taps);
        Count = images * Down.Tiles * Across.Tiles;
    }

    /// <summary>Taps of the window along an axis: 3 or 5.</summary>
    public int Taps { get; }

    /// <summary>Positions of the window.</summary>
    public int Window => Taps * Taps;

    /// <summary>Images.</summary>
    public int Images { get; }

    /// <summary>Source channels.</summary>
    public int SourceChannels { get; }

    /// <summary>Source height.</summary>
    public int SourceRows { get; }

    /// <summary>Source width.</summary>
    public int SourceColumns { get; }

    /// <summary>Target channels.</summary>
    public int TargetChannels { get; }

    /// <summary>Target height.</summary>
    public int TargetRows { get; }

    /// <summary>Target width.</summary>
    public int TargetColumns { get; }

    /// <summary>Rows of padding above the source.</summary>
    public int LowRows { get; }

    /// <summary>Columns of padding left of the source.</summary>
    public int LowColumns { get; }

    /// <summary>Tiles of an image from top to bottom.</summary>
    public WinogradAxis Down { get; }

    /// <summary>Tiles of an image from left to right.</summary>
    public WinogradAxis Across { get; }

    /// <summary>Tiles of all images.</summary>
    public int Count { get; }

    /// <summary>Positions of a tile, on average: at most 36.</summary>
    public double Positions => Count == 0 ? 36 : (double)Down.AllPositions * Across.AllPositions / (Down.Tiles * Across.Tiles);

    /// <summary>Blocks of source channels.</summary>
    public int SourceBlocks => Blocks.Of(SourceChannels);

    /// <summary>Blocks of target channels.</summary>
    public int TargetBlocks => Blocks.Of(TargetChannels);

    private WinogradReach SourcesDown => new(Down, 1, -LowRows, Taps - 1, SourceRows);

    private WinogradReach SourcesAcross => new(Across, 1, -LowColumns, Taps - 1, SourceColumns);

    private WinogradReach TargetsDown => new(Down, 1, 0, 0, TargetRows);

    private WinogradReach TargetsAcross => new(Across, 1, 0, 0, TargetColumns);

    /// <summary>Whether the method applies: windows of 3×3 or 5×5, stride 1, no dilation, one group.</summary>
    public static bool Fits(in ConvShape s) =>
        s.Groups == 1
        && s.Vertical is { Kernel: 3 or 5, Stride: 1, Dilation: 1 }
        && s.Horizontal is { Stride: 1, Dilation: 1 }
        && s.R == s.S;

    /// <summary>y from x.</summary>
    public static WinogradTiles Forward(in ConvShape s) =>
        new(s.R, s.N, s.C, s.H, s.W, s.K, s.P, s.Q, s.Vertical.Low, s.Horizontal.Low);

    /// <summary>dx from dy: the same with the window turned round.</summary>
    public static WinogradTiles Backward(in ConvShape s) =>
        new(s.R, s.N, s.K, s.P, s.Q, s.C, s.H, s.W, s.R - 1 - s.Vertical.Low, s.S - 1 - s.Horizontal.Low);

    /// <summary>The sources in a layout.</summary>
    public unsafe WinogradImages SourceImages(float* sources, Layout layout, float* band) =>
        new(SourcesDown, SourcesAcross, Images, SourceChannels, sources, layout, band);

    /// <summary>The targets in a layout.</summary>
    public unsafe WinogradImages TargetImages(float* targets, Layout layout, float* band) =>
        new(TargetsDown, TargetsAcross, Images, TargetChannels, targets, layout, band);

    /// <summary>Floats of room for a band of either, of so many tiles.</summary>
    public long BandFloats(int tiles) => Math.Max(
        WinogradImages.BandFloats(SourcesDown, SourcesAcross, Images, tiles),
        WinogradImages.BandFloats(TargetsDown, TargetsAcross, Images, tiles));

    /// <summary>Tiles to take at once, at most so many: whole rows of them where one fits.</summary>
    public int Chunk(int most) =>
        most < Across.Tiles ? Correlation.Even(Count, most) : Across.Tiles * Correlation.Even(Images * Down.Tiles, most / Across.Tiles);

    /// <summary>A tile's place: images one after the other, rows of tiles in each.</summary>
    public WinogradSpot At(int tile)
    {
        int down = tile / Across.Tiles % Down.Tiles;
        int across = tile % Across.Tiles;
        return new(tile / (Down.Tiles * Across.Tiles), Down.Begin(down), Across.Begin(across), Down.SideOf(down), Across.SideOf(across));
    }

    /// <summary>Transforms the sources of some tiles, one block of channels.</summary>
    /// <param name="set">The tiles.</param>
    /// <param name="sources">The images.</param>
    /// <param name="planes">Their planes of the block, from image 0 on.</param>
    /// <param name="v">Receives [36][tile][16].</param>
    /// <param name="stride">Floats between the 36.</param>
    /// <param name="room">Room for two transforms.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public unsafe void Sources<T>(in WinogradSet set, in WinogradImages sources, float* planes, float* v, nint stride, float* room)
        where T : struct, ILanes<T>
    {
        nint image = sources.Image;
        nint row = sources.Row;
        float* edge = room + WinogradTransforms.Room;
        for (int k = 0; k < set.Count; k++)
        {
            WinogradSpot spot = set.Spots[k];
            int top = spot.Top - LowRows;
            int left = spot.Left - LowColumns;
            int rows = spot.Rows + Taps - 1;
            int columns = spot.Columns + Taps - 1;
            float* plane = planes + (spot.Image * image);
            if (sources.IsInPlace && k + Ahead < set.Count)
            {
                WinogradSpot next = set.Spots[k + Ahead];
                WinogradPatch.Fetch(planes + (next.Image * image), SourceRows, SourceColumns, next.Top - LowRows, next.Left - LowColumns, next.Rows + Taps - 1, next.Columns + Taps - 1);
            }

            if (top >= 0 && left >= 0 && top + rows <= SourceRows && left + columns <= SourceColumns)
            {
                WinogradTransforms.Input<T>(rows, columns, plane + (top * row) + (left * Blocks.Width), row, v, stride, room);
            }
            else
            {
                WinogradPatch.Cut<T>(plane, SourceRows, SourceColumns, top, left, rows, columns, edge);
                WinogradTransforms.Input<T>(rows, columns, edge, columns * Blocks.Width, v, stride, room);
            }

            v += Blocks.Width;
        }
    }

    /// <summary>Transforms the gradients of the targets of tiles, one block of channels; as <see cref="Sources"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public unsafe void TargetGradients<T>(in WinogradSet set, in WinogradImages gradients, float* planes, float* m, nint stride, float* room)
        where T : struct, ILanes<T>
    {
        for (int k = 0; k < set.Count; k++)
        {
            WinogradSpot spot = set.Spots[k];
            float* y = Target(set, k, gradients, planes);
            WinogradTransforms.OutputGradient<T>(Taps, spot.Rows, spot.Columns, y, gradients.Row, m, stride, room);
            m += Blocks.Width;
        }
    }

    /// <summary>Transforms products back into the targets of tiles, one block of channels.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public unsafe void Targets<T>(in WinogradSet set, float* m, nint stride, float* bias, bool relu, in WinogradImages targets, float* planes, float* room)
        where T : struct, ILanes<T>
    {
        for (int k = 0; k < set.Count; k++)
        {
            WinogradSpot spot = set.Spots[k];
            float* y = Target(set, k, targets, planes);
            WinogradTransforms.Output<T>(Taps, spot.Rows, spot.Columns, m, stride, bias, relu, targets.IsFar, y, targets.Row, room);
            m += Blocks.Width;
        }
    }

    // The first target of a tile. The lines of one that comes soon are asked for; a band is near as it is.
    private unsafe float* Target(in WinogradSet set, int k, in WinogradImages targets, float* planes)
    {
        if (targets.IsInPlace && !targets.IsFar && k + Ahead < set.Count)
        {
            WinogradSpot next = set.Spots[k + Ahead];
            WinogradPatch.Fetch(planes + (next.Image * targets.Image), TargetRows, TargetColumns, next.Top, next.Left, next.Rows, next.Columns);
        }

        WinogradSpot spot = set.Spots[k];
        return planes + (spot.Image * targets.Image) + (spot.Top * targets.Row) + (spot.Left * Blocks.Width);
    }
}
