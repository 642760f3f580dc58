using System.Runtime.CompilerServices;
using Fovea.Core.Shapes;

namespace Fovea.Core.Kernels;

/// <summary>
/// The tiles of F(4×4, 3×3): 4×4 targets from 6×6 sources. Target row i reads source rows i − low to i − low + 2.
/// </summary>
/// <remarks>
/// A target mixes the whole 6×6 sources of its tile, with weights that cancel for those outside its own window: NaN and ∞
/// reach all sixteen targets of the tile, but no other tile. Past the edges of the image tiles read zeros.
/// </remarks>
internal readonly struct WinogradTiles
{
    private WinogradTiles(int images, int sourceChannels, int sourceRows, int sourceColumns, int targetChannels, int targetRows, int targetColumns, int lowRows, int lowColumns)
    {
        Images = images;
        SourceChannels = sourceChannels;
        SourceRows = sourceRows;
        SourceColumns = sourceColumns;
        TargetChannels = targetChannels;
        TargetRows = targetRows;
        TargetColumns = targetColumns;
        LowRows = lowRows;
        LowColumns = lowColumns;
        Down = Correlation.Pieces(targetRows, 4);
        Across = Correlation.Pieces(targetColumns, 4);
        Count = images * Down * Across;
    }

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

    /// <summary>Whether the method applies: windows of 3×3, stride 1, no dilation, one group.</summary>
    public static bool Fits(in ConvShape s) =>
        s.Groups == 1
        && s.Vertical is { Kernel: 3, Stride: 1, Dilation: 1 }
        && s.Horizontal is { Kernel: 3, Stride: 1, Dilation: 1 };

    /// <summary>y from x.</summary>
    public static WinogradTiles Forward(in ConvShape s) =>
        new(s.N, s.C, s.H, s.W, s.K, s.P, s.Q, s.Vertical.Low, s.Horizontal.Low);

    /// <summary>dx from dy: the same with the window turned round.</summary>
    public static WinogradTiles Backward(in ConvShape s) =>
        new(s.N, s.K, s.P, s.Q, s.C, s.H, s.W, 2 - s.Vertical.Low, 2 - s.Horizontal.Low);

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
            int top = (tile / Across % Down * 4) - LowRows;
            int left = (tile % Across * 4) - LowColumns;
            float* plane = source + ((((nint)image * SourceBlocks) + block) * SourceRows * row);
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
            int top = tile / Across % Down * 4;
            int left = tile % Across * 4;
            float* plane = gradient + ((((nint)image * TargetBlocks) + block) * TargetRows * row);
            if (top + 4 <= TargetRows && left + 4 <= TargetColumns)
            {
                WinogradTransforms.OutputGradient<T>(plane + (top * row) + (left * Blocks.Width), row, m, stride, room);
            }
            else
            {
                Cut<T>(plane, TargetRows, TargetColumns, top, left, 4, edge);
                WinogradTransforms.OutputGradient<T>(edge, 4 * Blocks.Width, m, stride, room);
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
            int top = tile / Across % Down * 4;
            int left = tile % Across * 4;
            float* plane = target + ((((nint)image * TargetBlocks) + block) * TargetRows * row);
            WinogradTransforms.Output<T>(m, stride, bias, relu, plane + (top * row) + (left * Blocks.Width), row, Math.Min(4, TargetRows - top), Math.Min(4, TargetColumns - left), room);
            m += Blocks.Width;
        }
    }

    // A square that reaches over an edge, with zeros there.
    private static unsafe void Cut<T>(float* plane, int rows, int columns, int top, int left, int size, float* square)
        where T : struct, ILanes<T>
    {
        for (int i = top; i < top + size; i++)
        {
            for (int j = left; j < left + size; j++)
            {
                bool inside = i >= 0 && i < rows && j >= 0 && j < columns;
                float* pixel = plane + ((((nint)i * columns) + j) * Blocks.Width);
                for (int lane = 0; lane < Blocks.Width; lane += T.Count)
                {
                    (inside ? T.Load(pixel + lane) : T.Zero).Store(square + lane);
                }

                square += Blocks.Width;
            }
        }
    }
}
