using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;
using Fovea.Core.Shapes;

namespace Fovea.Core.Kernels;

/// <summary>
/// The tiles of F(4×4, 3×3) and F(2×2, 5×5): 4×4 or 2×2 targets from 6×6 sources. Target row i reads source rows i − low to
/// i − low + taps − 1.
/// </summary>
/// <remarks>
/// A target mixes the whole 6×6 sources of its tile, with weights that cancel for those outside its own window: NaN and ∞
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
        Down = Correlation.Pieces(targetRows, Side);
        Across = Correlation.Pieces(targetColumns, Side);
        Count = images * Down * Across;
    }

    /// <summary>Taps of the window along an axis: 3 or 5.</summary>
    public int Taps { get; }

    /// <summary>Targets of a tile along an axis: 4 or 2.</summary>
    public int Side => 7 - Taps;

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
    public int Down { get; }

    /// <summary>Tiles of an image from left to right.</summary>
    public int Across { get; }

    /// <summary>Tiles of all images.</summary>
    public int Count { get; }

    /// <summary>Blocks of source channels.</summary>
    public int SourceBlocks => Blocks.Of(SourceChannels);

    /// <summary>Blocks of target channels.</summary>
    public int TargetBlocks => Blocks.Of(TargetChannels);

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

    /// <summary>Transforms the sources of tiles <paramref name="tile0"/> to <paramref name="tile1"/>, one block of channels.</summary>
    /// <param name="tile0">The first tile.</param>
    /// <param name="tile1">Past the last.</param>
    /// <param name="block">The block.</param>
    /// <param name="source">N×⌈C/16⌉×H×W×16.</param>
    /// <param name="v">Receives [36][tile][16].</param>
    /// <param name="stride">Floats between the 36.</param>
    /// <param name="room">Room for two transforms.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public unsafe void Sources<T>(int tile0, int tile1, int block, float* source, float* v, nint stride, float* room)
        where T : struct, ILanes<T>
    {
        nint row = (nint)SourceColumns * Blocks.Width;
        float* edge = room + WinogradTransforms.Room;
        for (int tile = tile0; tile < tile1; tile++)
        {
            int image = tile / (Down * Across);
            int top = (tile / Across % Down * Side) - LowRows;
            int left = (tile % Across * Side) - LowColumns;
            float* plane = source + ((((nint)image * SourceBlocks) + block) * SourceRows * row);
            Fetch(source, tile + Ahead, tile1, block, SourceBlocks, SourceRows, SourceColumns, 6, LowRows, LowColumns);
            if (top >= 0 && left >= 0 && top + 6 <= SourceRows && left + 6 <= SourceColumns)
            {
                WinogradTransforms.Input<T>(plane + (top * row) + (left * Blocks.Width), row, v, stride, room);
            }
            else
            {
                Cut<T>(plane, SourceRows, SourceColumns, top, left, 6, edge);
                WinogradTransforms.Input<T>(edge, 6 * Blocks.Width, v, stride, room);
            }

            v += Blocks.Width;
        }
    }

    /// <summary>Transforms the gradients of the targets of tiles, one block of channels; as <see cref="Sources"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public unsafe void TargetGradients<T>(int tile0, int tile1, int block, float* gradient, float* m, nint stride, float* room)
        where T : struct, ILanes<T>
    {
        nint row = (nint)TargetColumns * Blocks.Width;
        float* edge = room + WinogradTransforms.Room;
        for (int tile = tile0; tile < tile1; tile++)
        {
            int image = tile / (Down * Across);
            int top = tile / Across % Down * Side;
            int left = tile % Across * Side;
            float* plane = gradient + ((((nint)image * TargetBlocks) + block) * TargetRows * row);
            Fetch(gradient, tile + Ahead, tile1, block, TargetBlocks, TargetRows, TargetColumns, Side, 0, 0);
            if (top + Side <= TargetRows && left + Side <= TargetColumns)
            {
                OutputGradient<T>(plane + (top * row) + (left * Blocks.Width), row, m, stride, room);
            }
            else
            {
                Cut<T>(plane, TargetRows, TargetColumns, top, left, Side, edge);
                OutputGradient<T>(edge, Side * Blocks.Width, m, stride, room);
            }

            m += Blocks.Width;
        }
    }

    /// <summary>Transforms products back into the targets of tiles, one block of channels.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public unsafe void Targets<T>(int tile0, int tile1, int block, float* m, nint stride, float* bias, bool relu, float* target, float* room)
        where T : struct, ILanes<T>
    {
        nint row = (nint)TargetColumns * Blocks.Width;
        for (int tile = tile0; tile < tile1; tile++)
        {
            int image = tile / (Down * Across);
            int top = tile / Across % Down * Side;
            int left = tile % Across * Side;
            float* plane = target + ((((nint)image * TargetBlocks) + block) * TargetRows * row);
            Fetch(target, tile + Ahead, tile1, block, TargetBlocks, TargetRows, TargetColumns, Side, 0, 0);
            float* y = plane + (top * row) + (left * Blocks.Width);
            int rows = Math.Min(Side, TargetRows - top);
            int columns = Math.Min(Side, TargetColumns - left);
            if (Taps == 3)
            {
                WinogradTransforms.Output<T>(m, stride, bias, relu, y, row, rows, columns, room);
            }
            else
            {
                WinogradTransforms.OutputFive<T>(m, stride, bias, relu, y, row, rows, columns, room);
            }

            m += Blocks.Width;
        }
    }

    /// <summary>Transforms the weights of one channel: [window][16] to 36 vectors, a stride apart.</summary>
    public unsafe void Weights<T>(float* g, float* u, nint stride, float* room)
        where T : struct, ILanes<T>
    {
        if (Taps == 3)
        {
            WinogradTransforms.Weights<T>(g, u, stride, room);
        }
        else
        {
            WinogradTransforms.WeightsFive<T>(g, u, stride, room);
        }
    }

    /// <summary>Transforms the 36 gradients of one channel's weights back into the window's, a step apart.</summary>
    public unsafe void WeightsGradient<T>(float* du, nint stride, float* dg, nint step, float* room)
        where T : struct, ILanes<T>
    {
        if (Taps == 3)
        {
            WinogradTransforms.WeightsGradient<T>(du, stride, dg, step, room);
        }
        else
        {
            WinogradTransforms.WeightsGradientFive<T>(du, stride, dg, step, room);
        }
    }

    private unsafe void OutputGradient<T>(float* dy, nint row, float* m, nint stride, float* room)
        where T : struct, ILanes<T>
    {
        if (Taps == 3)
        {
            WinogradTransforms.OutputGradient<T>(dy, row, m, stride, room);
        }
        else
        {
            WinogradTransforms.OutputGradientFive<T>(dy, row, m, stride, room);
        }
    }

    // Asks for the lines of a tile that comes soon: tiles lie too far apart for the processor to guess them.
    private unsafe void Fetch(float* images, int tile, int end, int block, int blocks, int rows, int columns, int size, int lowRows, int lowColumns)
    {
        if (!Sse.IsSupported || tile >= end)
        {
            return;
        }

        int top = (tile / Across % Down * Side) - lowRows;
        int left = (tile % Across * Side) - lowColumns;
        float* plane = images + ((((nint)(tile / (Down * Across)) * blocks) + block) * rows * columns * Blocks.Width);
        int last = Math.Min(left + size, columns);
        for (int i = Math.Max(top, 0); i < Math.Min(top + size, rows); i++)
        {
            for (int j = Math.Max(left, 0); j < last; j++)
            {
                Sse.Prefetch0(plane + ((((nint)i * columns) + j) * Blocks.Width));
            }
        }
    }

    // A square that reaches over an edge, with zeros there.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static unsafe void Cut<T>(float* plane, int rows, int columns, int top, int left, int size, float* square)
        where T : struct, ILanes<T>
    {
        int before = Math.Clamp(-left, 0, size) * Blocks.Width;
        int end = Math.Clamp(columns - left, 0, size) * Blocks.Width;
        int all = size * Blocks.Width;
        for (int i = top; i < top + size; i++)
        {
            bool inside = i >= 0 && i < rows;
            float* row = plane + ((((nint)i * columns) + left) * Blocks.Width);
            int lane = 0;
            for (; lane < (inside ? before : all); lane += T.Count)
            {
                T.Zero.Store(square + lane);
            }

            for (; lane < end; lane += T.Count)
            {
                T.Load(row + lane).Store(square + lane);
            }

            for (; lane < all; lane += T.Count)
            {
                T.Zero.Store(square + lane);
            }

            square += all;
        }
    }
}
