using Fovea.Core.Shapes;

namespace Fovea.Core.Kernels;

/// <summary>How a matrix product c = a·b is cut: a is rows×inner, b is inner×columns, c is rows×columns, row-major.</summary>
/// <remarks>The order of a sum depends on the inner extent alone: a row has the same bits in any number of rows.</remarks>
internal readonly struct Product
{
    /// <summary>Inner positions in one pass: a group of packed columns (32 floats wide) then stays in the first cache.</summary>
    public const int PassInner = 256;

    /// <summary>Inner positions in a chunk of packing.</summary>
    public const int PackedInner = 64;

    private const int MostRows = 224;
    private const int MostGroups = 16;

    // Packing a row pays off over so many groups of columns.
    private const int LeastGroups = 2;
    private const int WantedChunks = 16;
    private const double LeastCycles = 40_000;

    /// <summary>Cuts the product.</summary>
    public Product(int rows, int inner, int columns)
    {
        Rows = rows;
        Inner = inner;
        Columns = columns;
        int blocks = Blocks.Of(columns);
        GroupBlocks = Math.Min(2, PixelTile.MostBlocks);
        Groups = Correlation.Pieces(blocks, GroupBlocks);
        double cycles = (double)rows * inner * columns / InstructionSet.MacsPerCycle;
        int wanted = (int)Math.Clamp(cycles / LeastCycles, 1, WantedChunks);
        RowsPerChunk = Correlation.Even(rows, MostRows);
        int parts = Math.Max(1, Correlation.Pieces(rows, RowsPerChunk));
        GroupsPerChunk = Correlation.Even(Groups, Math.Clamp(Groups / Correlation.Pieces(wanted, parts), LeastGroups, MostGroups));
    }

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

    /// <summary>Floats of the packed right operand.</summary>
    public long PackedFloats => (long)Inner * Blocks.Of(Columns) * Blocks.Width;

    /// <summary>
    /// Floats of scratch: packed rows, padded bias, the last block's columns, the list of taps. As much as any smaller number
    /// of rows needs.
    /// </summary>
    public long ScratchFloats =>
        ((long)ProductPacking.LeftStride(Math.Min(Rows, MostRows)) * (PassInner / Blocks.Width))
        + (Math.Min(Groups, MostGroups) * GroupBlocks * Blocks.Width)
        + (Math.Min(Rows, MostRows) * Blocks.Width)
        + (4 * PassInner / Blocks.Width);

    /// <summary>Chunks of packing a right operand that lies inner×columns: so many inner positions each.</summary>
    public int PackingChunks => Correlation.Pieces(Inner, PackedInner);

    /// <summary>Chunks of work.</summary>
    public int Chunks => Correlation.Pieces(Rows, RowsPerChunk) * Correlation.Pieces(Groups, GroupsPerChunk);
}
