using System.Runtime.CompilerServices;
using Fovea.Core.Shapes;

namespace Fovea.Core.Kernels;

/// <summary>
/// The tiles of 3×3 windows of stride 2: of up to 4×4 outputs, or of the up to 8×8 inputs whose gradients the same windows
/// reach; see <see cref="WinogradAxis"/> and <see cref="WinogradStridedBasis"/>.
/// </summary>
/// <remarks>
/// A target mixes sources of its tile, as in <see cref="WinogradTiles"/>: NaN and ∞ reach no other tile. Past the edges of the
/// image tiles read zeros.
/// </remarks>
internal readonly struct WinogradStridedTiles
{
    /// <summary>Positions of the window.</summary>
    public const int Window = 9;

    // Tiles by which memory is asked for ahead of its use.
    private const int Ahead = 2;

    // For a gradient: where in a pair of rows, and of columns, the outer taps' one comes.
    private readonly int outerRow;
    private readonly int outerColumn;

    // The first tile's first source, which may lie outside of the image.
    private readonly int originRow;
    private readonly int originColumn;

    private WinogradStridedTiles(in ConvShape s, bool backward)
    {
        IsBackward = backward;
        Images = s.N;
        (SourceChannels, SourceRows, SourceColumns) = backward ? (s.K, s.P, s.Q) : (s.C, s.H, s.W);
        (TargetChannels, TargetRows, TargetColumns) = backward ? (s.C, s.H, s.W) : (s.K, s.P, s.Q);
        if (backward)
        {
            // Input u − low meets outputs u / 2 and u / 2 − 1 by the outer taps if u is even, (u − 1) / 2 by the middle tap if it is odd.
            outerRow = s.Vertical.Low & 1;
            outerColumn = s.Horizontal.Low & 1;
            PhasesDown = new(1, 1 - outerRow);
            PhasesAcross = new(1, 1 - outerColumn);
            originRow = (s.Vertical.Low >> 1) + outerRow - 1;
            originColumn = (s.Horizontal.Low >> 1) + outerColumn - 1;
            Down = new(Correlation.Pieces(s.H, 2), 3);
            Across = new(Correlation.Pieces(s.W, 2), 3);
        }
        else
        {
            PhasesDown = PhasesAcross = new(2, 1);
            originRow = -s.Vertical.Low;
            originColumn = -s.Horizontal.Low;
            Down = new(s.P, 3);
            Across = new(s.Q, 3);
        }

        Count = s.N * Down.Tiles * Across.Tiles;
    }

    /// <summary>Whether the targets are gradients for the input.</summary>
    public bool IsBackward { get; }

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

    /// <summary>Which of a tile's source rows meet which taps.</summary>
    public WinogradPhases PhasesDown { get; }

    /// <summary>Which of its source columns do.</summary>
    public WinogradPhases PhasesAcross { get; }

    /// <summary>Tiles of an image from top to bottom: of rows of outputs, of pairs of rows of inputs.</summary>
    public WinogradAxis Down { get; }

    /// <summary>Tiles of an image from left to right.</summary>
    public WinogradAxis Across { get; }

    /// <summary>Tiles of all images.</summary>
    public int Count { get; }

    /// <summary>Positions of a tile, on average: at most 81.</summary>
    public double Positions => ((2 * MiddleDown) + 1) * ((2 * MiddleAcross) + 1);

    /// <summary>Rows of middle inputs of a tile, on average: at most 4. There is one more of points.</summary>
    public double MiddleDown => Middle(Down);

    /// <summary>Columns of them.</summary>
    public double MiddleAcross => Middle(Across);

    /// <summary>Blocks of source channels.</summary>
    public int SourceBlocks => Blocks.Of(SourceChannels);

    /// <summary>Blocks of target channels.</summary>
    public int TargetBlocks => Blocks.Of(TargetChannels);

    /// <summary>Whether the method applies: windows of 3×3, stride 2 along both axes, no dilation, one group.</summary>
    public static bool Fits(in ConvShape s) =>
        s.Groups == 1
        && s.Vertical is { Kernel: 3, Stride: 2, Dilation: 1 }
        && s.Horizontal is { Kernel: 3, Stride: 2, Dilation: 1 };

    /// <summary>y from x.</summary>
    public static WinogradStridedTiles Forward(in ConvShape s) => new(s, false);

    /// <summary>dx from dy.</summary>
    public static WinogradStridedTiles Backward(in ConvShape s) => new(s, true);

    /// <summary>Tiles to take at once, at most so many: whole rows of them where one fits.</summary>
    public int Chunk(int most) =>
        most < Across.Tiles ? Correlation.Even(Count, most) : Across.Tiles * Correlation.Even(Images * Down.Tiles, most / Across.Tiles);

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

    /// <summary>A tile's place: images one after the other, rows of tiles in each.</summary>
    public WinogradSpot At(int tile)
    {
        int down = tile / Across.Tiles % Down.Tiles;
        int across = tile % Across.Tiles;
        return new(tile / (Down.Tiles * Across.Tiles), Down.Begin(down), Across.Begin(across), Down.SideOf(down), Across.SideOf(across));
    }

    /// <summary>Transforms the sources of some tiles, one block of channels.</summary>
    /// <param name="set">The tiles.</param>
    /// <param name="sources">The sources.</param>
    /// <param name="planes">Their planes of the block.</param>
    /// <param name="v">Receives a block as the set has it.</param>
    /// <param name="room">Room for two transforms.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public unsafe void Sources<T>(in WinogradStridedSet set, in WinogradImages sources, float* planes, float* v, float* room)
        where T : struct, ILanes<T>
    {
        nint row = sources.Row;
        float* edge = room + WinogradStridedTransforms.Room;
        for (int k = 0; k < set.Count; k++)
        {
            WinogradSpot spot = set.Spots[k];
            int top = originRow + (PhasesDown.Step * spot.Top);
            int left = originColumn + (PhasesAcross.Step * spot.Left);
            int rows = PhasesDown.Reach(spot.Rows);
            int columns = PhasesAcross.Reach(spot.Columns);
            float* plane = planes + (spot.Image * sources.Image);
            if (sources.IsInPlace && k + Ahead < set.Count)
            {
                WinogradSpot next = set.Spots[k + Ahead];
                WinogradPatch.Fetch(planes + (next.Image * sources.Image), SourceRows, SourceColumns, originRow + (PhasesDown.Step * next.Top), originColumn + (PhasesAcross.Step * next.Left), PhasesDown.Reach(next.Rows), PhasesAcross.Reach(next.Columns));
            }

            if (top >= 0 && left >= 0 && top + rows <= SourceRows && left + columns <= SourceColumns)
            {
                WinogradStridedTransforms.Input<T>(spot.Rows, spot.Columns, PhasesDown, PhasesAcross, plane + (top * row) + (left * Blocks.Width), row, v, set.At, room);
            }
            else
            {
                WinogradPatch.Cut<T>(plane, SourceRows, SourceColumns, top, left, rows, columns, edge);
                WinogradStridedTransforms.Input<T>(spot.Rows, spot.Columns, PhasesDown, PhasesAcross, edge, columns * Blocks.Width, v, set.At, room);
            }

            v += Blocks.Width;
        }
    }

    /// <summary>Transforms the gradients of the outputs of tiles, one block of channels; as <see cref="Sources"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public unsafe void TargetGradients<T>(in WinogradStridedSet set, in WinogradImages gradients, float* planes, float* m, float* room)
        where T : struct, ILanes<T>
    {
        for (int k = 0; k < set.Count; k++)
        {
            WinogradSpot spot = set.Spots[k];
            float* y = Target(set, k, gradients, planes);
            WinogradStridedTransforms.OutputGradient<T>(spot.Rows, spot.Columns, y, gradients.Row, m, set.At, room);
            m += Blocks.Width;
        }
    }

    /// <summary>Transforms products back into the targets of tiles, one block of channels.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public unsafe void Targets<T>(in WinogradStridedSet set, float* m, float* bias, bool relu, in WinogradImages targets, float* planes, float* room)
        where T : struct, ILanes<T>
    {
        for (int k = 0; k < set.Count; k++)
        {
            WinogradSpot spot = set.Spots[k];
            float* y = Target(set, k, targets, planes);
            if (IsBackward)
            {
                WinogradStridedTransforms.Phases<T>(spot.Rows, spot.Columns, outerRow, outerColumn, Height(spot), Width(spot), m, set.At, targets.IsFar, y, targets.Row, room);
            }
            else
            {
                WinogradStridedTransforms.Output<T>(spot.Rows, spot.Columns, m, set.At, bias, relu, targets.IsFar, y, targets.Row, room);
            }

            m += Blocks.Width;
        }
    }

    private WinogradReach SourcesDown => new(Down, PhasesDown.Step, originRow, 1, SourceRows);

    private WinogradReach SourcesAcross => new(Across, PhasesAcross.Step, originColumn, 1, SourceColumns);

    private WinogradReach TargetsDown => new(Down, TargetStep, 0, 0, TargetRows);

    private WinogradReach TargetsAcross => new(Across, TargetStep, 0, 0, TargetColumns);

    private int TargetStep => IsBackward ? 2 : 1;

    private static double Middle(in WinogradAxis axis) => ((double)axis.AllPositions / axis.Tiles) - 2;

    // The rows and columns of targets that a tile has.
    private int Height(in WinogradSpot spot) => IsBackward ? Math.Min(2 * spot.Rows, TargetRows - (2 * spot.Top)) : spot.Rows;

    private int Width(in WinogradSpot spot) => IsBackward ? Math.Min(2 * spot.Columns, TargetColumns - (2 * spot.Left)) : spot.Columns;

    // The first target of a tile; the lines of one that comes soon are asked for, where they are written there.
    private unsafe float* Target(in WinogradStridedSet set, int k, in WinogradImages targets, float* planes)
    {
        if (targets.IsInPlace && !targets.IsFar && k + Ahead < set.Count)
        {
            WinogradSpot next = set.Spots[k + Ahead];
            WinogradPatch.Fetch(planes + (next.Image * targets.Image), TargetRows, TargetColumns, TargetStep * next.Top, TargetStep * next.Left, Height(next), Width(next));
        }

        WinogradSpot spot = set.Spots[k];
        return planes + (spot.Image * targets.Image) + (TargetStep * spot.Top * targets.Row) + (TargetStep * spot.Left * Blocks.Width);
    }
}
