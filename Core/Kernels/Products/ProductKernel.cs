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
        float* paddedBias = leftRows + ((nint)ProductPacking.LeftStride(p.RowsPerChunk) * (Product.PassInner / Blocks.Width));
        float* fringe = paddedBias + (p.GroupsPerChunk * p.GroupBlocks * Blocks.Width);
        var taps = (Tap*)(fringe + (p.RowsPerChunk * Blocks.Width));
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
            ProductPacking.Left(left, leftStride, transposed, row0, row1, inner0, inner1, leftRows);
            int count = 0;
            for (int inner = inner0; inner < inner1; inner += Blocks.Width)
            {
                taps[count] = new Tap(count * ProductPacking.LeftStride(rows), Math.Min(Blocks.Width, inner1 - inner));
                count++;
            }

            for (int group = group0; group < group1; group++)
            {
                int first = group * p.GroupBlocks;
                int last = Math.Min(Blocks.Of(p.Columns), first + p.GroupBlocks);
                int whole = Math.Min(last, p.Columns / Blocks.Width);
                int width = (last - first) * Blocks.Width;
                float* w = packed + ((long)first * Blocks.Width * p.Inner) + ((long)inner0 * width);
                float* b = bias == null ? null : bias + ((first * Blocks.Width) - firstColumn);
                if (whole == last)
                {
                    float* to = c + ((nint)row0 * p.Columns) + (first * Blocks.Width);
                    PixelTile.Row<BlockedStep>(last - first, rows, taps, count, leftRows, w, to, Blocks.Width, p.Columns, b, flags);
                }
                else
                {
                    Fringe(p, taps, count, leftRows, w, b, flags, c, fringe, row0, rows, first, last);
                }
            }
        }
    }

    // The group with the last, narrower block: that block's columns are summed beside c and copied at the end.
    private static void Fringe(in Product p, Tap* taps, int count, float* left, float* w, float* bias, TileFlags flags, float* c, float* fringe, int row0, int rows, int first, int last)
    {
        // All blocks of the group share the rows of w, so that both are computed from there in one go.
        int blocks = last - first;
        float* to = c + ((nint)row0 * p.Columns) + (first * Blocks.Width);
        int whole = (p.Columns / Blocks.Width) - first;
        int columns = p.Columns % Blocks.Width;
        float* tile = stackalloc float[14 * 2 * Blocks.Width];
        int most = Math.Min(14, PixelTile.MostPixels(blocks));
        for (int row = 0; row < rows; row += most)
        {
            int now = Math.Min(most, rows - row);
            if ((flags & TileFlags.Accumulate) != 0)
            {
                for (int i = 0; i < now; i++)
                {
                    new ReadOnlySpan<float>(to + ((nint)(row + i) * p.Columns), whole * Blocks.Width).CopyTo(new Span<float>(tile + (i * Blocks.Width), whole * Blocks.Width));
                    new ReadOnlySpan<float>(fringe + ((row + i) * Blocks.Width), Blocks.Width).CopyTo(new Span<float>(tile + (((whole * 14) + i) * Blocks.Width), Blocks.Width));
                }
            }

            PixelTile.Run<BlockedStep>(blocks, now, taps, count, left + ((nint)row * Blocks.Width), w, tile, 14 * Blocks.Width, Blocks.Width, bias, flags);
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
