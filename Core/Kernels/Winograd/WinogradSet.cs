namespace Fovea.Core.Kernels;

/// <summary>
/// The tiles that are transformed at once, ordered by their sides so that those which have a position lie together: smaller
/// ones lack the last position of their axis.
/// </summary>
internal readonly unsafe struct WinogradSet
{
    private readonly int rows;
    private readonly int columns;
    private readonly int bothFrom;
    private readonly int bothTo;
    private readonly int rowsTo;

    /// <summary>Orders tiles <paramref name="tile0"/> to <paramref name="tile1"/>; <paramref name="spots"/> is room for them.</summary>
    public WinogradSet(in WinogradTiles tiles, int tile0, int tile1, WinogradSpot* spots)
    {
        rows = tiles.Down.Positions;
        columns = tiles.Across.Positions;
        Spots = spots;
        bothFrom = Add(tiles, tile0, tile1, false, true, spots, 0);
        bothTo = Add(tiles, tile0, tile1, true, true, spots, bothFrom);
        rowsTo = Add(tiles, tile0, tile1, true, false, spots, bothTo);
        Count = Add(tiles, tile0, tile1, false, false, spots, rowsTo);
    }

    /// <summary>The tiles, in their order.</summary>
    public WinogradSpot* Spots { get; }

    /// <summary>How many there are.</summary>
    public int Count { get; }

    /// <summary>The tiles that have a position, of 36: <paramref name="count"/> from <paramref name="first"/> on.</summary>
    public void Having(int position, out int first, out int count)
    {
        int row = (position / 6) + 1;
        int column = (position % 6) + 1;
        first = row == rows ? bothFrom : 0;
        int end = column == columns ? bothTo : row == rows ? rowsTo : Count;
        count = row > rows || column > columns ? 0 : end - first;
    }

    // Tiles whose rows, and columns, are of the larger side, or are not.
    private static int Add(in WinogradTiles tiles, int tile0, int tile1, bool rows, bool columns, WinogradSpot* spots, int count)
    {
        bool none = (!rows && tiles.Down.IsEven) || (!columns && tiles.Across.IsEven);
        for (int tile = tile0; tile < tile1 && !none; tile++)
        {
            WinogradSpot spot = tiles.At(tile);
            if (spot.Rows == tiles.Down.Side == rows && spot.Columns == tiles.Across.Side == columns)
            {
                spots[count++] = spot;
            }
        }

        return count;
    }
}
