namespace Fovea.Core.Kernels;

/// <summary>
/// A rectangle of a stem's window that one register tile of backward weights takes: some rows, and positions of a row
/// that lie side by side in the band.
/// </summary>
/// <param name="Row">The first row of the window.</param>
/// <param name="Rows">Rows.</param>
/// <param name="Column">The first of the columns, as <see cref="WindowTaps.Columns"/> orders them.</param>
/// <param name="Columns">Columns.</param>
internal readonly record struct StemTile(int Row, int Rows, int Column, int Columns)
{
    /// <summary>
    /// The tile after this one, beginning with <c>default</c>; false when the window is covered. The sums of a channel
    /// lie tile after tile, row by row.
    /// </summary>
    public unsafe bool Next(in Correlation c, int* places, out StemTile next)
    {
        int row = Row;
        int column = Column + Columns;
        if (column == c.Columns.Taps)
        {
            row += Rows;
            column = 0;
        }

        if (row >= c.Rows.Taps)
        {
            next = this;
            return false;
        }

        // Seven neighbours are four and three; five are three and two.
        int run = 1;
        while (column + run < c.Columns.Taps && places[column + run] == places[column] + run)
        {
            run++;
        }

        int columns = Correlation.Even(run, WeightTile.MostStemTaps);

        // All tiles beside each other have the rows of the first, so that they cover the window without gaps.
        int groups = column == 0 ? Math.Min(WeightTile.MostStemGroups(Widest(c, places)), c.Rows.Taps - row) : Rows;
        next = new StemTile(row, groups, column, columns);
        return true;
    }

    private static unsafe int Widest(in Correlation c, int* places)
    {
        int widest = 1;
        int begin = 0;
        for (int column = 1; column <= c.Columns.Taps; column++)
        {
            if (column == c.Columns.Taps || places[column] != places[column - 1] + 1)
            {
                widest = Math.Max(widest, Correlation.Even(column - begin, WeightTile.MostStemTaps));
                begin = column;
            }
        }

        return widest;
    }
}
