using Fovea.Core.Shapes;

namespace Fovea.Core.Kernels;

/// <summary>
/// How the rows of a product's left operand lie packed: a register tile's rows together, sixteen inner positions of each at a
/// time, so that a tile reads one piece of memory from its beginning to its end.
/// </summary>
/// <remarks>
/// <code>
/// [tile][inner / 16][rows of the largest tile][16]
/// </code>
/// </remarks>
internal readonly struct PackedRows
{
    private readonly int rows;

    /// <summary>So many rows of so many inner positions.</summary>
    public PackedRows(int rows, int inner)
    {
        this.rows = rows;
        Tiles = Correlation.Pieces(rows, PixelTile.MostPixels(1));
        TileFloats = Blocks.Of(inner) * BlockFloats;
    }

    /// <summary>Floats from sixteen inner positions to the next sixteen.</summary>
    public static int BlockFloats => PixelTile.MostPixels(1) * Blocks.Width;

    /// <summary>Tiles, as even as they can be.</summary>
    public int Tiles { get; }

    /// <summary>Floats from tile to tile.</summary>
    public int TileFloats { get; }

    /// <summary>Floats of all of it, and those that a transposition of sixteen rows may write behind it.</summary>
    public long Floats => ((long)Tiles * TileFloats) + (Blocks.Width * Blocks.Width);

    /// <summary>The first row of a tile; that of the tile after the last is the number of rows.</summary>
    public int Begin(int tile) => (int)((long)rows * tile / Tiles);

    /// <summary>The floats before an inner position, a multiple of the largest tap, of a tile's first row.</summary>
    public static int Offset(int inner) => (inner / Blocks.Width * BlockFloats) + (inner % Blocks.Width);
}
