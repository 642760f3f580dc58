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
    /// <param name="paired">Whether a line's even columns shall lie before its odd ones.</param>
    /// <param name="v">Receives the transforms.</param>
    /// <param name="scratch">Room for <see cref="ScratchFloats"/>.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Run<T>(in ColumnTiles tiles, float* x, int tile0, int count, bool paired, float* v, float* scratch)
        where T : struct, ILanes<T>
    {
        int top = (tile0 * RowBasis.Side) - tiles.Sizes.Vertical.Low;
        if (paired || CoversPadding(tiles, T.Count))
        {
            InPlace<T>(tiles, x, top, count, paired, v, scratch);
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

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void InPlace<T>(in ColumnTiles tiles, float* x, int top, int count, bool paired, float* v, float* zeros)
        where T : struct, ILanes<T>
    {
        ConvShape s = tiles.Sizes;
        int line = tiles.LineOf(paired);
        int slot = s.C * line;
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
                }

                if (paired)
                {
                    Pairs(rows, s.W, s.Horizontal.Low, tiles.HalfFloats, v, slot);
                }
                else
                {
                    Line<T>(rows, s.W, s.Horizontal.Low, line, v, slot);
                }

                plane += (nint)s.H * s.W;
                v += line;
            }

            v += (ColumnTiles.Positions - 1) * slot;
        }
    }

    // Zeros at both ends of a line first, then what covers them, the last vector overlapping the one before.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Line<T>(float** rows, int width, int low, int line, float* v, nint slot)
        where T : struct, ILanes<T>
    {
        Clear<T>(v, line, slot);
        for (int next = 0; next < width; next += T.Count)
        {
            int column = Math.Min(next, width - T.Count);
            float* to = v + low + column;
            Transform(rows, column, out T v0, out T v1, out T v2, out T v3, out T v4, out T v5);
            v0.Store(to);
            v1.Store(to + slot);
            v2.Store(to + (2 * slot));
            v3.Store(to + (3 * slot));
            v4.Store(to + (4 * slot));
            v5.Store(to + (5 * slot));
        }
    }

    // The same, the even columns of the padded line apart from the odd ones.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Pairs(float** rows, int width, int low, int half, float* v, nint slot)
    {
        Clear<Lanes512>(v, half, slot);
        Clear<Lanes512>(v + half, half, slot);
        for (int next = 0; next < width; next += ColumnPairTile.Pixels)
        {
            int column = Math.Min(next, width - ColumnPairTile.Pixels);
            int place = low + column;
            float* left = v + (place % 2 * half) + (place / 2);
            float* right = v + ((place + 1) % 2 * half) + ((place + 1) / 2);
            Transform(rows, column, out Lanes512 v0, out Lanes512 v1, out Lanes512 v2, out Lanes512 v3, out Lanes512 v4, out Lanes512 v5);
            Transform(rows, column + Lanes512.Count, out Lanes512 w0, out Lanes512 w1, out Lanes512 w2, out Lanes512 w3, out Lanes512 w4, out Lanes512 w5);
            Unzip(v0, w0, left, right);
            Unzip(v1, w1, left + slot, right + slot);
            Unzip(v2, w2, left + (2 * slot), right + (2 * slot));
            Unzip(v3, w3, left + (3 * slot), right + (3 * slot));
            Unzip(v4, w4, left + (4 * slot), right + (4 * slot));
            Unzip(v5, w5, left + (5 * slot), right + (5 * slot));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Unzip(Lanes512 first, Lanes512 second, float* left, float* right)
    {
        Lanes512.Unzip(ref first, ref second);
        first.Store(left);
        second.Store(right);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Clear<T>(float* line, int floats, nint slot)
        where T : struct, ILanes<T>
    {
        for (int i = 0; i < ColumnTiles.Positions; i++)
        {
            T.Zero.Store(line);
            T.Zero.Store(line + floats - T.Count);
            line += slot;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Copied<T>(in ColumnTiles tiles, float* rows, int count, float* v)
        where T : struct, ILanes<T>
    {
        Correlation c = tiles.Rows;
        int line = tiles.LineFloats;
        nint slot = c.SourceChannels * line;
        float** from = stackalloc float*[ColumnTiles.Positions];
        for (int tile = 0; tile < count; tile++)
        {
            for (int channel = 0; channel < c.SourceChannels; channel++)
            {
                for (int i = 0; i < ColumnTiles.Positions; i++)
                {
                    from[i] = rows + ((nint)channel * c.PlaneFloats) + ((((nint)tile * RowBasis.Side) + i) * c.RowFloats);
                }

                for (int i = 0; i < line; i += T.Count)
                {
                    Transform(from, i, out T v0, out T v1, out T v2, out T v3, out T v4, out T v5);
                    v0.Store(v + i);
                    v1.Store(v + i + slot);
                    v2.Store(v + i + (2 * slot));
                    v3.Store(v + i + (3 * slot));
                    v4.Store(v + i + (4 * slot));
                    v5.Store(v + i + (5 * slot));
                }

                v += line;
            }

            v += (ColumnTiles.Positions - 1) * slot;
        }
    }

    // Bᵀ·d, down six rows.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Transform<T>(float** rows, int column, out T v0, out T v1, out T v2, out T v3, out T v4, out T v5)
        where T : struct, ILanes<T>
    {
        T d0 = T.Load(rows[0] + column);
        T d1 = T.Load(rows[1] + column);
        T d2 = T.Load(rows[2] + column);
        T d3 = T.Load(rows[3] + column);
        T d4 = T.Load(rows[4] + column);
        T d5 = T.Load(rows[5] + column);
        T four = T.Broadcast(4);
        T minusFour = T.Broadcast(-4);
        T minusFive = T.Broadcast(-5);
        T even = T.MultiplyAdd(minusFour, d2, d4);
        T odd = T.MultiplyAdd(minusFour, d1, d3);
        v0 = even + odd;
        v1 = even - odd;
        even = d4 - d2;
        odd = d3 - d1;
        odd += odd;
        v2 = even + odd;
        v3 = even - odd;
        v4 = T.MultiplyAdd(four, d0, T.MultiplyAdd(minusFive, d2, d4));
        v5 = T.MultiplyAdd(four, d1, T.MultiplyAdd(minusFive, d3, d5));
    }
}
