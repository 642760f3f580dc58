using Fovea.Core.Shapes;

namespace Fovea.Core.Kernels;

/// <summary>
/// How a convolution of a few plain channels is cut for Winograd's method along columns: every column into tiles of four outputs, and the
/// image into bands of rows of tiles whose transforms stay in the first-level cache.
/// </summary>
internal readonly struct ColumnTiles
{
    /// <summary>Positions that a tile's inputs are transformed to, in the order in which they lie.</summary>
    public const int Positions = 6;

    // Half of a first-level cache, which weights and targets share; more where so little is a single row of tiles.
    private const int BandBytes = 24 << 10;

    /// <summary>Cuts these sizes.</summary>
    public ColumnTiles(in ConvShape s)
    {
        Sizes = s;
        var rows = Correlation.StemForward(s);
        Taps = s.C * s.S;
        Tiles = Correlation.Pieces(s.P, RowBasis.Side);
        LineFloats = Rounded(rows.RowFloats);
        HalfFloats = Rounded(Correlation.Pieces(rows.RowFloats, 2));
        TileFloats = (long)Positions * s.C * LineOf(IsPaired);

        // Two rows of tiles at least, where a single one would leave a vector without another beside it. The batch does not matter:
        // smaller ones run in the scratch of larger ones.
        int least = 1 + (Correlation.Pieces(s.Q, Blocks.Width) % ColumnTile.Vectors);
        long fit = Math.Max(BandBytes / (TileFloats * sizeof(float)), least);
        TilesPerBand = Correlation.Even(Tiles, (int)Math.Clamp(Tiles, 1, fit));
        Rows = rows.WithBands(TilesPerBand * RowBasis.Side, 1, 1);
    }

    /// <summary>The convolution.</summary>
    public ConvShape Sizes { get; }

    /// <summary>How the rows that a band reads are copied between their padding, columns that leave the same remainder by the stride side by side.</summary>
    public Correlation Rows { get; }

    /// <summary>Rows of tiles.</summary>
    public int Tiles { get; }

    /// <summary>Rows of tiles in a band.</summary>
    public int TilesPerBand { get; }

    /// <summary>Bands of an image.</summary>
    public int Bands => Correlation.Pieces(Tiles, TilesPerBand);

    /// <summary>Products of a position, a tile and a filter.</summary>
    public int Taps { get; }

    /// <summary>Floats of a transformed row of inputs.</summary>
    public int LineFloats { get; }

    /// <summary>Floats of every other column of it, where they lie apart.</summary>
    public int HalfFloats { get; }

    /// <summary>
    /// Whether plain targets are computed pair by pair of neighbouring pixels, by the widest vectors: see <see cref="ColumnPairTile"/>.
    /// The padding at either end of half a line must be within a vector.
    /// </summary>
    public bool IsPaired
    {
        get
        {
            Window columns = Sizes.Horizontal;
            return InstructionSet.Is512 && columns is { Kernel: 3, Stride: 1, Dilation: 1, Low: >= 0 and < Blocks.Width, High: >= 0 }
                && Sizes.Q % 2 == 0 && Math.Min(Sizes.W, Sizes.Q) >= ColumnPairTile.Pixels
                && HalfFloats - ((columns.Low + Sizes.W) / 2) <= Blocks.Width;
        }
    }

    /// <summary>Floats of the transformed inputs of a row of tiles, at most.</summary>
    public long TileFloats { get; }

    /// <summary>Floats of a band's transformed inputs.</summary>
    public long BandFloats => TilesPerBand * TileFloats;

    /// <summary>Floats of a transformed row of inputs, whose even and odd columns may lie apart.</summary>
    public int LineOf(bool paired) => paired ? 2 * HalfFloats : LineFloats;

    /// <summary>The number in the basis of the position that lies at a place: two follow each other that are transformed back together.</summary>
    public static int PositionAt(int place) => (place + 2) % Positions;

    private static int Rounded(int floats) => Correlation.Pieces(floats, Blocks.Width) * Blocks.Width;
}
