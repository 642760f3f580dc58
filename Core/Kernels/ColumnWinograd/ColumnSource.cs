using System.Runtime.CompilerServices;
using Fovea.Core.Shapes;

namespace Fovea.Core.Kernels;

/// <summary>The inputs' transform of Winograd's method along columns: rows are combined with rows, vector by vector.</summary>
/// <remarks>
/// <code>
/// x     C×H×W plain, read where it lies; or first copied to
/// rows  [channel][row][column mod stride][column / stride], the padding as zeros
/// v     [row of tiles][position: 1, −1, 2, −2, 0, ∞][channel][column mod stride][column / stride]
/// </code>
/// </remarks>
internal static unsafe class ColumnSource
{
    /// <summary>Floats of scratch: of a band's rows, the last of which is read up to the end of a vector, or of a row of zeros.</summary>
    public static long ScratchFloats(in ColumnTiles tiles) => ((Math.Max(tiles.Rows.BandFloats, tiles.Sizes.W) / Blocks.Width) + 2) * Blocks.Width;

    /// <summary>Transforms what some rows of tiles read.</summary>
    /// <param name="tiles">The sizes and the cuts.</param>
    /// <param name="x">The image.</param>
    /// <param name="tile0">The first row of tiles.</param>
    /// <param name="count">Rows of tiles.</param>
    /// <param name="v">Receives the transforms.</param>
    /// <param name="scratch">Room for <see cref="ScratchFloats"/>.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Run<T>(in ColumnTiles tiles, float* x, int tile0, int count, float* v, float* scratch)
        where T : struct, ILanes<T>
    {
        int top = (tile0 * RowBasis.Side) - tiles.Sizes.Vertical.Low;
        if (CoversPadding(tiles, T.Count))
        {
            InPlace<T>(tiles, x, top, count, v, scratch);
        }
        else
        {
            BandCopy.Copy(tiles.Rows, x, 0, 1, top, scratch);
            Copied<T>(tiles, scratch, count, v);
        }
    }

    // Whether a line's padding is no more than a vector at either end, and there is a vector between.
    private static bool CoversPadding(in ColumnTiles tiles, int lanes)
    {
        Window columns = tiles.Sizes.Horizontal;
        int width = tiles.Sizes.W;
        return columns.Stride == 1 && columns.Low >= 0 && columns.High >= 0
            && width >= lanes && columns.Low <= lanes && tiles.LineFloats - columns.Low - width <= lanes;
    }

    // Zeros at both ends of a line first, then what covers them, the last vector overlapping the one before.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void InPlace<T>(in ColumnTiles tiles, float* x, int top, int count, float* v, float* zeros)
        where T : struct, ILanes<T>
    {
        ConvShape s = tiles.Sizes;
        int line = tiles.LineFloats;
        int slot = s.C * line;
        int last = s.W - T.Count;
        new Span<float>(zeros, s.W).Clear();
        float** rows = stackalloc float*[ColumnTiles.Positions];
        for (int end = top + (count * RowBasis.Side); top < end; top += RowBasis.Side)
        {
            float* plane = x;
            for (int channel = 0; channel < s.C; channel++)
            {
                for (int i = 0; i < ColumnTiles.Positions; i++)
                {
                    int row = top + i;
                    rows[i] = row >= 0 && row < s.H ? plane + ((nint)row * s.W) : zeros;
                    T.Zero.Store(v + (i * slot));
                    T.Zero.Store(v + (i * slot) + line - T.Count);
                }

                float* to = v + s.Horizontal.Low;
                for (int column = 0; column < last; column += T.Count)
                {
                    Transform<T>(rows[0] + column, rows[1] + column, rows[2] + column, rows[3] + column, rows[4] + column, rows[5] + column, to + column, slot);
                }

                Transform<T>(rows[0] + last, rows[1] + last, rows[2] + last, rows[3] + last, rows[4] + last, rows[5] + last, to + last, slot);
                plane += (nint)s.H * s.W;
                v += line;
            }

            v += (ColumnTiles.Positions - 1) * slot;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Copied<T>(in ColumnTiles tiles, float* rows, int count, float* v)
        where T : struct, ILanes<T>
    {
        Correlation c = tiles.Rows;
        nint row = c.RowFloats;
        int line = tiles.LineFloats;
        nint slot = c.SourceChannels * line;
        for (int tile = 0; tile < count; tile++)
        {
            float* from = rows + (tile * RowBasis.Side * row);
            for (int channel = 0; channel < c.SourceChannels; channel++)
            {
                for (int i = 0; i < line; i += T.Count)
                {
                    float* d = from + i;
                    Transform<T>(d, d + row, d + (2 * row), d + (3 * row), d + (4 * row), d + (5 * row), v + i, slot);
                }

                from += c.PlaneFloats;
                v += line;
            }

            v += (ColumnTiles.Positions - 1) * slot;
        }
    }

    // Bᵀ·d, down six rows.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Transform<T>(float* row0, float* row1, float* row2, float* row3, float* row4, float* row5, float* v, nint slot)
        where T : struct, ILanes<T>
    {
        T d0 = T.Load(row0);
        T d1 = T.Load(row1);
        T d2 = T.Load(row2);
        T d3 = T.Load(row3);
        T d4 = T.Load(row4);
        T d5 = T.Load(row5);
        T four = T.Broadcast(4);
        T minusFour = T.Broadcast(-4);
        T minusFive = T.Broadcast(-5);
        T even = T.MultiplyAdd(minusFour, d2, d4);
        T odd = T.MultiplyAdd(minusFour, d1, d3);
        (even + odd).Store(v);
        (even - odd).Store(v + slot);
        even = d4 - d2;
        odd = d3 - d1;
        odd += odd;
        (even + odd).Store(v + (2 * slot));
        (even - odd).Store(v + (3 * slot));
        T.MultiplyAdd(four, d0, T.MultiplyAdd(minusFive, d2, d4)).Store(v + (4 * slot));
        T.MultiplyAdd(four, d1, T.MultiplyAdd(minusFive, d3, d5)).Store(v + (5 * slot));
    }
}
