using Fovea.Core.Shapes;

namespace Fovea.Core.Kernels;

/// <summary>How a matrix product c = a·b is cut: a is rows×inner, b is inner×columns, c is rows×columns, row-major.</summary>
/// <remarks>The order of a sum depends on the inner extent alone: a row has the same bits in any number of rows.</remarks>
internal readonly struct Product
{
    /// <summary>
    /// Inner positions in one pass: sums are seldom loaded and stored, and a group of packed columns (32 floats wide) comes
    /// from the second-level cache.
    /// </summary>
    public const int PassInner = 1024;

    /// <summary>
    /// Inner positions in a tap, each of which fetches a line of the next columns: all of those are fetched while seven tiles of
    /// rows or more are multiplied.
    /// </summary>
    public const int TapInner = 4;

    /// <summary>Inner positions in a chunk of packing.</summary>
    public const int PackedInner = 64;

    // Packed rows of a pass take half a megabyte. With fewer rows the next columns come too late.
    private const int MostRows = 112;
    private const int LeastRows = 64;
    private const int MostGroups = 64;

    // Packing a row pays off over so many groups of columns.
    private const int LeastGroups = 2;
    private const int WantedChunks = 16;
    private const double LeastCycles = 40_000;

    // With few rows the time goes into reading the right operand: so many floats of it a cycle.
    private const int FewRows = 8;
    private const double FloatsPerCycle = 4;

    /// <summary>Cuts the product.</summary>
    public Product(int rows, int inner, int columns)
    {
        Rows = rows;
        Inner = inner;
        Columns = columns;
        int blocks = Blocks.Of(columns);
        GroupBlocks = Math.Min(2, PixelTile.MostBlocks);
        Groups = Correlation.Pieces(blocks, GroupBlocks);
        double cycles = (double)inner * columns * Math.Max(rows / (double)InstructionSet.MacsPerCycle, 1 / FloatsPerCycle);
        int wanted = (int)Math.Clamp(cycles / LeastCycles, 1, WantedChunks);

        // Rows are packed once for every range of columns: as few ranges as there may be, and more parts of the rows instead.
        int ranges = Correlation.Pieces(Groups, MostGroups);
        int parts = Math.Max(Correlation.Pieces(rows, MostRows), Math.Min(rows / LeastRows, Correlation.Pieces(wanted, ranges)));
        RowsPerChunk = Correlation.Even(rows, Correlation.Pieces(rows, Math.Max(1, parts)));
        ranges = Math.Max(ranges, Correlation.Pieces(wanted, Math.Max(1, parts)));
        GroupsPerChunk = Correlation.Even(Groups, Math.Clamp(Groups / ranges, rows < FewRows ? 1 : LeastGroups, MostGroups));
    }

    /// <summary>Whether rows are so few, one tile of them, that they are read where they lie and not packed, unless they lie transposed.</summary>
    public bool HasFewRows => Rows < FewRows && Rows <= PixelTile.MostPixels(1);

    /// <summary>Rows of a and c.</summary>
    public int Rows { get; }

    /// <summary>Columns of a, rows of b.</summary>
    public int Inner { get; }

    /// <summary>Columns of b and c.</summary>
    public int Columns { get; }

    /// <summary>Blocks of sixteen columns in a group: the width of a register tile.</summary>
    public int GroupBlocks { get; }

    /// <summary>Groups of columns; the last may be narrower.</summary>
    public int Groups { get; }

    /// <summary>Rows in a chunk.</summary>
    public int RowsPerChunk { get; }

    /// <summary>Groups of columns in a chunk.</summary>
    public int GroupsPerChunk { get; }

    /// <summary>Inner positions of the longest pass.</summary>
    public int LongestPass => Math.Min(Inner, PassInner);

    /// <summary>Taps of the longest pass.</summary>
    public int Taps => Correlation.Pieces(LongestPass, TapInner);

    /// <summary>Floats of the packed right operand.</summary>
    public long PackedFloats => (long)Inner * Blocks.Of(Columns) * Blocks.Width;

    /// <summary>
    /// Floats of scratch: packed rows, padded bias, the last block's columns, the lists of taps and lines. As much as any smaller number
    /// of rows needs.
    /// </summary>
    public long ScratchFloats =>
        new PackedRows(Math.Min(Rows, MostRows), LongestPass).Floats
        + (Math.Min(Groups, MostGroups) * GroupBlocks * Blocks.Width)
        + (Math.Min(Rows, MostRows) * Blocks.Width)
        + (Blocks.Of((2 * Taps) + Fetches(Math.Min(Rows, MostRows))) * Blocks.Width);

    /// <summary>Chunks of packing a right operand that lies inner×columns: so many inner positions each.</summary>
    public int PackingChunks => Correlation.Pieces(Inner, PackedInner);

    /// <summary>Lines that all tiles of so many rows fetch in a pass: one a tap.</summary>
    public int Fetches(int rows) => Correlation.Pieces(rows, PixelTile.MostPixels(1)) * Taps;

    /// <summary>Chunks of work.</summary>
    public int Chunks => Correlation.Pieces(Rows, RowsPerChunk) * Correlation.Pieces(Groups, GroupsPerChunk);
}
