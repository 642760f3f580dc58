using Fovea.Core.Shapes;

namespace Fovea.Core.Kernels;

/// <summary>
/// How a convolution of a few plain channels is cut for Winograd's method along rows: every row into tiles of four outputs, the
/// window's columns by what they leave divided by the stride, and the rows into bands whose transforms stay in the second-level cache.
/// </summary>
internal readonly struct RowTiles
{
    private const int BandBytes = 320 << 10;

    // Vectors of a register tile, of tiles or of filters.
    private static int PanelBlocks => Math.Min(2, PixelTile.MostBlocks);

    /// <summary>Cuts these sizes.</summary>
    public RowTiles(in ConvShape s)
    {
        Sizes = s;
        Tiles = Correlation.Pieces(s.Q, RowBasis.Side);
        Phases = Math.Min(s.Horizontal.Stride, s.S);
        for (int phase = 0; phase < Phases; phase++)
        {
            Slots += RowBasis.Positions(TapsOf(phase));
        }

        int rows = 1;
        while (rows < s.P && BandFloatsOf(rows + 1) * sizeof(float) <= BandBytes)
        {
            rows++;
        }

        // Rows that fill whole panels, where half as many or more do.
        RowsPerBand = Correlation.Even(s.P, rows);
        for (int least = (rows / 2) + 1; rows >= least && rows < s.P; rows--)
        {
            if (rows * Tiles % PanelTiles == 0)
            {
                RowsPerBand = rows;
                break;
            }
        }
    }

    /// <summary>The convolution.</summary>
    public ConvShape Sizes { get; }

    /// <summary>Tiles of a row.</summary>
    public int Tiles { get; }

    /// <summary>Phases of the window's columns: those that leave the same remainder by the stride.</summary>
    public int Phases { get; }

    /// <summary>Positions that a tile's inputs are transformed to, of all phases.</summary>
    public int Slots { get; }

    /// <summary>Positions that outputs are transformed from: those of the first phase, which has the most taps.</summary>
    public int Positions => RowBasis.Positions(TapsOf(0));

    /// <summary>Rows of outputs in a band.</summary>
    public int RowsPerBand { get; }

    /// <summary>Bands of an image.</summary>
    public int Bands => Correlation.Pieces(Sizes.P, RowsPerBand);

    /// <summary>Inputs that the outputs of a tile read.</summary>
    public int Samples => ((RowBasis.Side - 1) * Sizes.Horizontal.Stride) + Sizes.S;

    /// <summary>Products of a position, a tile and a filter, of all positions together.</summary>
    public int Reduction => Slots * Sizes.C * Sizes.R;

    /// <summary>Taps that the lists of all positions have.</summary>
    public int Taps => Positions * Phases * Sizes.C * Sizes.R;

    /// <summary>Tiles in a panel: what the filters are multiplied by at a time.</summary>
    public int PanelTiles => PanelBlocks * Blocks.Width;

    /// <summary>Rows that leave the same remainder by the vertical stride follow each other: so many of them in a band.</summary>
    public int StreamRows => StreamRowsOf(RowsPerBand);

    /// <summary>Floats of a position's tiles of one channel, of the rows that leave one remainder.</summary>
    public int StreamFloats => StreamFloatsOf(RowsPerBand);

    /// <summary>Floats between positions.</summary>
    public int SlotFloats => Sizes.C * Sizes.Vertical.Stride * StreamFloats;

    /// <summary>Floats of a band's transformed inputs.</summary>
    public long BandFloats => BandFloatsOf(RowsPerBand);

    /// <summary>Floats of a row of inputs between its padding, from which whole vectors of tiles are read.</summary>
    public int LineFloats => (Correlation.Pieces(Tiles, Blocks.Width) * Blocks.Width * RowBasis.Side * Sizes.Horizontal.Stride) + (2 * Blocks.Width) + Samples;

    /// <summary>Taps of a phase.</summary>
    public int TapsOf(int phase) => (Sizes.S - phase + Sizes.Horizontal.Stride - 1) / Sizes.Horizontal.Stride;

    /// <summary>Blocks of the filter group that begins at a block.</summary>
    public int GroupAt(int block) => Math.Min(PanelBlocks, Blocks.Of(Sizes.K) - block);

    private int StreamRowsOf(int rows) => rows + ((Sizes.R - 1) * Sizes.Vertical.Dilation / Sizes.Vertical.Stride);

    // A vector beyond the last row, and a panel.
    private int StreamFloatsOf(int rows) => (int)Math.Min(int.MaxValue, (((long)StreamRowsOf(rows) * Tiles) + PanelTiles + Blocks.Width - 1) / Blocks.Width * Blocks.Width);

    private long BandFloatsOf(int rows) => (long)Slots * Sizes.C * Sizes.Vertical.Stride * StreamFloatsOf(rows);
}
