using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Fovea.Core.Shapes;

namespace Fovea.Core.Kernels;

/// <summary>
/// Winograd's method along columns, F(4, 3), for convolutions of a few plain channels: position by position products of transformed
/// inputs and weights, summed over channels and the window's columns, and transformed back. Along the other axis nothing is saved; but
/// sums over a few channels alone would be too short to be worth transforming.
/// </summary>
/// <remarks>
/// <code>
/// packed  [group of two blocks of filters][two positions][channel][column of the window][one of the two][filters of the group]
/// y       K×P×Q plain, or ⌈K/16⌉×P×Q×16
/// </code>
/// Every output adds its products in the same order, whatever is a vector: both layouts have the same bits.
/// </remarks>
internal static unsafe class ColumnProduct
{
    /// <summary>Blocks of filters that packed weights lie together for.</summary>
    public const int GroupBlocks = 2;

    /// <summary>Floats of packed weights.</summary>
    public static long PackedFloats(in ColumnTiles tiles) => GroupOffset(tiles, Blocks.Of(tiles.Sizes.K));

    /// <summary>Floats of scratch that each worker needs.</summary>
    public static long ScratchFloats(in ColumnTiles tiles) =>
        (Blocks.Of(tiles.Sizes.K) * Blocks.Width) + tiles.BandFloats + ColumnSource.ScratchFloats(tiles) + ColumnBand.ScratchFloats(tiles);

    /// <summary>Transforms the weights of one block of filters, in double precision; of those past the last, to zeros.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Pack(in ColumnTiles tiles, float* weights, int block, float* packed)
    {
        ConvShape s = tiles.Sizes;
        int within = block % GroupBlocks;
        int group = GroupAt(tiles, block - within);
        packed += GroupOffset(tiles, block - within) + (within * Blocks.Width);
        nint filter = s.C * s.R * s.S;
        int filters = Math.Min(Blocks.Width, s.K - (block * Blocks.Width));
        weights += block * Blocks.Width * filter;

        // Three rows of up to sixteen columns, each a vector of filters.
        const int Row = Blocks.Width * Blocks.Width;
        float* window = stackalloc float[3 * Row];
        for (int tap = 0; tap < tiles.Taps; tap++)
        {
            int column = tap % s.S;
            float* vectors = window + (column % Blocks.Width * Blocks.Width);
            for (int row = 0; row < s.R && column % Blocks.Width == 0; row++)
            {
                float* from = weights + (((tap / s.S * s.R) + row) * s.S) + column;
                Transpose16.Lanes(from, filter, filters, Math.Min(Blocks.Width, s.S - column), window + (row * Row), Blocks.Width);
            }

            Vector512<float> first = Vector512.Load(vectors);
            Vector512<float> second = Vector512.Load(vectors + Row);
            Vector512<float> third = Vector512.Load(vectors + (2 * Row));
            for (int place = 0; place < ColumnTiles.Positions; place++)
            {
                ReadOnlySpan<double> g = RowBasis.Weights(s.R, ColumnTiles.PositionAt(place));
                Vector512<double> lower = (g[0] * Vector512.WidenLower(first)) + (g[1] * Vector512.WidenLower(second)) + (g[2] * Vector512.WidenLower(third));
                Vector512<double> upper = (g[0] * Vector512.WidenUpper(first)) + (g[1] * Vector512.WidenUpper(second)) + (g[2] * Vector512.WidenUpper(third));
                long at = ((((place / 2 * (long)tiles.Taps) + tap) * 2) + (place % 2)) * group;
                Vector512.Narrow(lower, upper).Store(packed + at);
            }
        }
    }

    /// <summary>Computes one band of one image.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Run<T>(in ColumnTiles tiles, int chunk, float* x, float* packed, float* bias, bool relu, float* y, bool plain, bool far, float* scratch)
        where T : struct, ILanes<T>
    {
        ConvShape s = tiles.Sizes;
        int image = chunk / tiles.Bands;
        int tile0 = chunk % tiles.Bands * tiles.TilesPerBand;
        int count = Math.Min(tiles.TilesPerBand, tiles.Tiles - tile0);
        int filterBlocks = Blocks.Of(s.K);
        float* biases = scratch;
        float* v = biases + (filterBlocks * Blocks.Width);
        float* rows = v + tiles.BandFloats;
        new Span<float>(biases, filterBlocks * Blocks.Width).Clear();
        if (bias != null)
        {
            new ReadOnlySpan<float>(bias, s.K).CopyTo(new Span<float>(biases, s.K));
        }

        bool paired = plain && tiles.IsPaired;
        ColumnSource.Run<T>(tiles, x + ((nint)image * s.C * s.H * s.W), tile0, count, paired, v, rows);
        y += (nint)image * (plain ? s.K : filterBlocks * Blocks.Width) * s.P * s.Q;
        var band = new ColumnBand(tiles, tile0, count, paired, v, packed, biases, relu, y, far, rows + ColumnSource.ScratchFloats(tiles));
        if (plain)
        {
            band.Plain<T>();
        }
        else
        {
            band.Blocked<T>();
        }
    }

    /// <summary>Where the weights of the group that begins at a block begin.</summary>
    public static long GroupOffset(in ColumnTiles tiles, int block) => (long)ColumnTiles.Positions * tiles.Taps * block * Blocks.Width;

    /// <summary>Filters of the group that begins at a block.</summary>
    public static int GroupAt(in ColumnTiles tiles, int block) => Math.Min(GroupBlocks, Blocks.Of(tiles.Sizes.K) - block) * Blocks.Width;
}
