using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Fovea.Core.Shapes;

namespace Fovea.Core.Kernels;

/// <summary>Packs the operands of a matrix product for <see cref="PixelTile"/>.</summary>
/// <remarks>
/// <code>
/// left   as <see cref="PackedRows"/> says
/// right  [group of columns][inner][columns of the group]; lanes past the last column are zero
/// </code>
/// </remarks>
internal static unsafe class ProductPacking
{
    /// <summary>Packs rows of the left operand, inner positions <paramref name="inner0"/> to <paramref name="inner1"/>.</summary>
    /// <param name="left">Rows×inner, or inner×rows where transposed.</param>
    /// <param name="stride">Floats between its rows.</param>
    /// <param name="transposed">Whether it lies transposed.</param>
    /// <param name="row0">The first row.</param>
    /// <param name="row1">Past the last row.</param>
    /// <param name="inner0">The first inner position.</param>
    /// <param name="inner1">Past the last.</param>
    /// <param name="packed">Receives the rows as <see cref="PackedRows"/> has them.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Left(float* left, nint stride, bool transposed, int row0, int row1, int inner0, int inner1, float* packed)
    {
        PackedRows rows = new(row1 - row0, inner1 - inner0);
        for (int tile = 0; tile < rows.Tiles; tile++)
        {
            int first = row0 + rows.Begin(tile);
            int last = row0 + rows.Begin(tile + 1);
            float* to = packed + ((nint)tile * rows.TileFloats);
            if (transposed)
            {
                Columns(left + first, stride, row1 - first, inner0, inner1, to);
                continue;
            }

            for (int row = first; row < last; row++)
            {
                Row(left + (row * stride) + inner0, inner1 - inner0, to);
                to += Blocks.Width;
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Row(float* from, int inner, float* to)
    {
        nint step = PackedRows.BlockFloats;
        float* last = from + (inner / Blocks.Width * Blocks.Width);
        while (from < last)
        {
            Vector512.Load(from).Store(to);
            from += Blocks.Width;
            to += step;
        }

        for (int i = 0; i < inner % Blocks.Width; i++)
        {
            to[i] = from[i];
        }
    }

    // Rows by whole transpositions: what they write beyond a tile's rows, its next sixteen positions or the next tile write anew.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Columns(float* left, nint stride, int rows, int inner0, int inner1, float* to)
    {
        int together = Math.Min(rows, PixelTile.MostPixels(1) <= 8 ? 8 : Blocks.Width);
        for (int inner = inner0; inner < inner1; inner += Blocks.Width)
        {
            Transpose16.Clipped(left + (inner * stride), stride, Math.Min(Blocks.Width, inner1 - inner), together, to, Blocks.Width);
            to += PackedRows.BlockFloats;
        }
    }

    /// <summary>
    /// Packs a part of the right operand that lies inner×columns: inner positions <paramref name="inner0"/> to
    /// <paramref name="inner1"/> of all columns, row by row as they lie.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Right(in Product p, float* right, int inner0, int inner1, float* packed)
    {
        // A few groups at a time: long enough runs to read, few enough streams to write.
        const int Together = 8;
        for (int group0 = 0; group0 < p.Groups; group0 += Together)
        {
            int group1 = Math.Min(p.Groups, group0 + Together);
            for (int inner = inner0; inner < inner1; inner++)
            {
                for (int group = group0; group < group1; group++)
                {
                    int first = group * p.GroupBlocks * Blocks.Width;
                    float* from = right + ((nint)inner * p.Columns) + first;
                    float* to = Group(p, group, packed, out int width) + ((nint)inner * width);
                    int columns = Math.Min(width, p.Columns - first);
                    int column = 0;
                    for (; column + Blocks.Width <= columns; column += Blocks.Width)
                    {
                        Vector512.Load(from + column).Store(to + column);
                    }

                    for (; column < width; column++)
                    {
                        to[column] = column < columns ? from[column] : 0;
                    }
                }
            }
        }
    }

    /// <summary>Packs one group of columns of a right operand that lies transposed, columns×inner.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void RightTransposed(in Product p, float* right, int group, float* packed)
    {
        packed = Group(p, group, packed, out int width);
        for (int lane = 0; lane < width; lane += Blocks.Width)
        {
            int column = (group * p.GroupBlocks * Blocks.Width) + lane;
            int columns = Math.Min(Blocks.Width, p.Columns - column);
            for (int inner = 0; inner < p.Inner; inner += Blocks.Width)
            {
                int length = Math.Min(Blocks.Width, p.Inner - inner);
                Transpose16.Lanes(right + ((nint)column * p.Inner) + inner, p.Inner, columns, length, packed + lane + ((nint)inner * width), width);
            }
        }
    }

    private static float* Group(in Product p, int group, float* packed, out int width)
    {
        int first = group * p.GroupBlocks;
        width = Math.Min(p.GroupBlocks, Blocks.Of(p.Columns) - first) * Blocks.Width;
        return packed + ((long)first * Blocks.Width * p.Inner);
    }
}
