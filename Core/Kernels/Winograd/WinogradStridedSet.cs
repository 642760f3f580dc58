using Fovea.Core.Shapes;

namespace Fovea.Core.Kernels;

/// <summary>
/// The strided tiles that are transformed at once, and where each position of theirs lies. A tile has up to 9×9 positions: five
/// points and four middle inputs along an axis. The middle inputs meet the same weights, so that the positions make 6×6
/// groups, each of which is one matrix product.
/// </summary>
/// <remarks>
/// <code>
/// block  [group][position][tile][16]: as many tiles as have the position
/// </code>
/// Tiles are ordered by their sides, so that those that have a position lie together: smaller ones lack the last point and the
/// last middle input of an axis.
/// </remarks>
internal readonly unsafe struct WinogradStridedSet
{
    /// <summary>Positions of an axis.</summary>
    public const int Axis = WinogradStridedBasis.Points + MostSide;

    /// <summary>Positions of an axis that have weights of their own.</summary>
    public const int GroupAxis = WinogradStridedBasis.Points + 1;

    /// <summary>Groups of positions.</summary>
    public const int Groups = GroupAxis * GroupAxis;

    private const int MostSide = 4;

    /// <summary>Orders tiles <paramref name="tile0"/> to <paramref name="tile1"/>; <paramref name="room"/> takes <see cref="Floats"/>.</summary>
    public WinogradStridedSet(in WinogradStridedTiles tiles, int tile0, int tile1, float* room)
    {
        At = (nint*)room;
        Begins = At + (Axis * Axis);
        Pixels = (int*)(Begins + Groups);
        Spots = (WinogradSpot*)(Pixels + Groups);
        int bothFrom = Add(tiles, tile0, tile1, false, true, 0);
        int bothTo = Add(tiles, tile0, tile1, true, true, bothFrom);
        int rowsTo = Add(tiles, tile0, tile1, true, false, bothTo);
        Count = Add(tiles, tile0, tile1, false, false, rowsTo);

        int lines = 0;
        for (int group = 0; group < Groups; group++)
        {
            int row0 = group / GroupAxis;
            int column0 = group % GroupAxis;
            int begin = lines;
            for (int row = row0; row < End(row0); row++)
            {
                int tall = Having(row, tiles.Down.Side);
                for (int column = column0; column < End(column0); column++)
                {
                    int wide = Having(column, tiles.Across.Side);
                    int first = tall == 1 ? bothFrom : 0;
                    int end = wide == 1 ? bothTo : tall == 1 ? rowsTo : Count;
                    At[(row * Axis) + column] = (nint)(lines - first) * Blocks.Width;
                    lines += tall == 0 || wide == 0 ? 0 : end - first;
                }
            }

            Begins[group] = (nint)begin * Blocks.Width;
            Pixels[group] = lines - begin;

            // An odd number of cache lines apart, so that groups do not fall on one set of the cache.
            lines = begin + (Pixels[group] | 1);
        }

        Block = (nint)(lines | 1) * Blocks.Width;
    }

    /// <summary>The tiles, in their order.</summary>
    public WinogradSpot* Spots { get; }

    /// <summary>How many there are.</summary>
    public int Count { get; }

    /// <summary>Floats from a block to where a position would have its first tile, and from there tile by tile; nine positions a row.</summary>
    public nint* At { get; }

    /// <summary>Floats from a block to each group.</summary>
    public nint* Begins { get; }

    /// <summary>Vectors of each group.</summary>
    public int* Pixels { get; }

    /// <summary>Floats from a block to the next.</summary>
    public nint Block { get; }

    /// <summary>Floats of room that so many tiles take, whole cache lines.</summary>
    public static long Floats(int count) => (((2 * ((Axis * Axis) + Groups)) + Groups + 15) & ~15) + WinogradSpot.Floats(count);

    /// <summary>Floats of a block at most, for so many tiles.</summary>
    public static long BlockFloats(in WinogradStridedTiles tiles, int count) =>
        (((long)count * ((2 * tiles.Down.Side) + 1) * ((2 * tiles.Across.Side) + 1)) + Groups + 1) * Blocks.Width;

    // The positions of a group along an axis: one point, or all middle inputs.
    private static int End(int first) => first < WinogradStridedBasis.Points ? first + 1 : Axis;

    // Which tiles have a position of an axis: none (0), the larger ones (1) or all (2).
    private static int Having(int position, int side)
    {
        int least = position < WinogradStridedBasis.Points ? position : position - MostSide;
        return least > side ? 0 : least == side ? 1 : 2;
    }

    // Tiles whose rows, and columns, are of the larger side, or are not.
    private int Add(in WinogradStridedTiles tiles, int tile0, int tile1, bool rows, bool columns, int count)
    {
        for (int tile = tile0; tile < tile1; tile++)
        {
            WinogradSpot spot = tiles.At(tile);
            if (spot.Rows == tiles.Down.Side == rows && spot.Columns == tiles.Across.Side == columns)
            {
                Spots[count++] = spot;
            }
        }

        return count;
    }
}
