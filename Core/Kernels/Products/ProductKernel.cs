using System.Runtime.CompilerServices;
using Fovea.Core.Shapes;

namespace Fovea.Core.Kernels;

/// <summary>A matrix product by the register tiles of convolution: rows take the place of pixels, inner positions that of channels.</summary>
[SkipLocalsInit]
internal static unsafe class ProductKernel
{
    /// <summary>Computes one chunk of c = a·b + bias.</summary>
    /// <param name="p">The product.</param>
    /// <param name="chunk">The chunk's number.</param>
    /// <param name="left">a, rows×inner, or inner×rows where transposed.</param>
    /// <param name="leftStride">Floats between its rows.</param>
    /// <param name="transposed">Whether it lies transposed.</param>
    /// <param name="packed">b, as <see cref="ProductPacking"/> packs it.</param>
    /// <param name="bias">One float a column, or null.</param>
    /// <param name="relu">Whether max(0, ·) follows.</param>
    /// <param name="c">rows×columns; every element is written.</param>
    /// <param name="scratch">Scratch of <see cref="Product.ScratchFloats"/>.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Run(in Product p, int chunk, float* left, nint leftStride, bool transposed, float* packed, float* bias, bool relu, float* c, float* scratch)
    {
        int ranges = Correlation.Pieces(p.Groups, p.GroupsPerChunk);
        int row0 = chunk / ranges * p.RowsPerChunk;
        int row1 = Math.Min(p.Rows, row0 + p.RowsPerChunk);
        int rows = row1 - row0;
        int group0 = chunk % ranges * p.GroupsPerChunk;
        int group1 = Math.Min(p.Groups, group0 + p.GroupsPerChunk);

        float* leftRows = scratch;
        float* paddedBias = leftRows + new PackedRows(p.RowsPerChunk, p.LongestPass).Floats;
        float* fringe = paddedBias + (p.GroupsPerChunk * p.GroupBlocks * Blocks.Width);
        var taps = (Tap*)(fringe + (p.RowsPerChunk * Blocks.Width));
        var lines = (int*)(taps + p.Taps);
        bool lies = p.HasFewRows && !transposed;
        if (!lies)
        {
            List(p, rows, lines);
        }

        int firstColumn = group0 * p.GroupBlocks * Blocks.Width;
        if (bias != null)
        {
            int columns = Math.Min(p.Columns - firstColumn, (group1 - group0) * p.GroupBlocks * Blocks.Width);
            new ReadOnlySpan<float>(bias + firstColumn, columns).CopyTo(new Span<float>(paddedBias, columns));
            new Span<float>(paddedBias + columns, (Blocks.Width - (columns % Blocks.Width)) % Blocks.Width).Clear();
            bias = paddedBias;
        }

        for (int inner0 = 0; inner0 < p.Inner; inner0 += Product.PassInner)
        {
            int inner1 = Math.Min(p.Inner, inner0 + Product.PassInner);
            TileFlags flags = (inner0 > 0 ? TileFlags.Accumulate : 0) | (relu && inner1 == p.Inner ? TileFlags.Relu : 0);
            PackedRows tiles = new(rows, inner1 - inner0);
            float* lying = left + (row0 * leftStride) + inner0;
            int count = 0;
            if (lies)
            {
                taps[count++] = new Tap(0, inner1 - inner0);
            }
            else
            {
                ProductPacking.Left(left, leftStride, transposed, row0, row1, inner0, inner1, leftRows);
                for (int inner = inner0; inner < inner1; inner += Product.TapInner)
                {
                    taps[count++] = new Tap(PackedRows.Offset(inner - inner0), Math.Min(Product.TapInner, inner1 - inner));
                }
            }

            for (int group = group0; group < group1; group++)
            {
                int first = group * p.GroupBlocks;
                int last = Math.Min(Blocks.Of(p.Columns), first + p.GroupBlocks);
                int whole = Math.Min(last, p.Columns / Blocks.Width);
                int width = (last - first) * Blocks.Width;
                float* w = packed + ((long)first * Blocks.Width * p.Inner) + ((long)inner0 * width);
                float* b = bias == null ? null : bias + ((first * Blocks.Width) - firstColumn);
                float* to = c + ((nint)row0 * p.Columns) + (first * Blocks.Width);
                if (whole == last && lies)
                {
                    PixelTile.Run<MatrixStep>(last - first, rows, taps, count, lying, w, to, Blocks.Width, p.Columns, b, flags, apart: leftStride);
                }
                else if (whole == last)
                {
                    float* next = w + ((long)width * p.Inner);
                    if (group + 1 == group1)
                    {
                        // The next pass begins again with the first group, and so does the next chunk's first.
                        next = packed + ((long)group0 * p.GroupBlocks * Blocks.Width * p.Inner) + ((long)(inner1 % p.Inner) * width);
                    }

                    Rows(last - first, tiles, taps, count, leftRows, w, to, p.Columns, b, flags, next, lines);
                }
                else if (lies)
                {
                    Fringe<MatrixStep>(p, tiles, taps, count, lying, leftStride, w, b, flags, to, fringe, first, last);
                }
                else
                {
                    Fringe<BlockedStep>(p, tiles, taps, count, leftRows, 0, w, b, flags, to, fringe, first, last);
                }
            }
        }
    }

    // A group's columns of all rows, tile by tile; meanwhile the next group's packed columns are fetched.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Rows(int blocks, in PackedRows rows, Tap* taps, int count, float* left, float* w, float* to, nint columns, float* bias, TileFlags flags, float* next, int* lines)
    {
        for (int tile = 0; tile < rows.Tiles; tile++)
        {
            int begin = rows.Begin(tile);
            PixelTile.Run<RowStep>(blocks, rows.Begin(tile + 1) - begin, taps, count, left, w, to + (begin * columns), Blocks.Width, columns, bias, flags, next, lines);
            lines += count;
            left += rows.TileFloats;
        }
    }

    // The lines of a group's packed columns, spread over the taps of all tiles.
    private static void List(in Product p, int rows, int* lines)
    {
        int floats = p.LongestPass * p.GroupBlocks * Blocks.Width;
        int taps = p.Fetches(rows);
        int step = Correlation.Pieces(floats, taps * Blocks.Width) * Blocks.Width;
        for (int i = 0; i < taps; i++)
        {
            lines[i] = Math.Min(i * step, floats - Blocks.Width);
        }
    }

    // The group with the last, narrower block: that block's columns are summed beside c and copied at the end.
    private static void Fringe<TStep>(in Product p, in PackedRows rows, Tap* taps, int count, float* left, nint apart, float* w, float* bias, TileFlags flags, float* to, float* fringe, int first, int last)
        where TStep : struct, IPixelStep
    {
        // All blocks of the group share the rows of w, so that both are computed from there in one go.
        int blocks = last - first;
        int whole = (p.Columns / Blocks.Width) - first;
        int columns = p.Columns % Blocks.Width;
        float* tile = stackalloc float[14 * 2 * Blocks.Width];
        for (int tileNumber = 0; tileNumber < rows.Tiles; tileNumber++)
        {
            int row = rows.Begin(tileNumber);
            int now = rows.Begin(tileNumber + 1) - row;
            if ((flags & TileFlags.Accumulate) != 0)
            {
                for (int i = 0; i < now; i++)
                {
                    new ReadOnlySpan<float>(to + ((nint)(row + i) * p.Columns), whole * Blocks.Width).CopyTo(new Span<float>(tile + (i * Blocks.Width), whole * Blocks.Width));
                    new ReadOnlySpan<float>(fringe + ((row + i) * Blocks.Width), Blocks.Width).CopyTo(new Span<float>(tile + (((whole * 14) + i) * Blocks.Width), Blocks.Width));
                }
            }

            PixelTile.Run<TStep>(blocks, now, taps, count, left + ((nint)tileNumber * rows.TileFloats), w, tile, 14 * Blocks.Width, Blocks.Width, bias, flags, apart: apart);
            for (int i = 0; i < now; i++)
            {
                float* row1 = to + ((nint)(row + i) * p.Columns);
                new ReadOnlySpan<float>(tile + (i * Blocks.Width), whole * Blocks.Width).CopyTo(new Span<float>(row1, whole * Blocks.Width));
                float* rest = tile + (((whole * 14) + i) * Blocks.Width);
                new ReadOnlySpan<float>(rest, Blocks.Width).CopyTo(new Span<float>(fringe + ((row + i) * Blocks.Width), Blocks.Width));
                new ReadOnlySpan<float>(rest, columns).CopyTo(new Span<float>(row1 + (whole * Blocks.Width), columns));
            }
        }
    }
}
