using Fovea.Core.Shapes;

namespace Fovea.Core.Kernels;

/// <summary>
/// How a convolution by windows of one pixel is cut where source and target lie plain. Image by image it is a matrix product,
/// weights × pixels: neighbouring pixels are the vectors as they lie, and nothing is copied or transposed. A group of panels
/// of pixels is multiplied by all filters before the next one.
/// </summary>
/// <remarks>
/// A sum adds its products in the order of the channels, as <see cref="DirectKernel"/> does: the bits are the same in every
/// layout.
/// </remarks>
internal readonly struct Pointwise
{
    // Over smaller planes turning blocks takes less time than these panels, of which the last is seldom whole.
    private const int LeastPixels = 256;

    // Bytes of a group of panels, which with the next one stays well inside a second-level cache of 1 MB; and panels in a row
    // beyond which the runs that are written are long enough.
    private const int GroupBytes = 256 << 10;
    private const int MostPanels = 14;

    // Chunks to aim for, whatever the number of workers; and cycles below which a chunk is not worth handing out.
    private const int WantedChunks = 16;
    private const double LeastCycles = 40_000;

    /// <summary>Cuts the product of these sizes.</summary>
    public Pointwise(in Correlation c)
    {
        PanelBlocks = Math.Min(2, PixelTile.MostBlocks);
        Panels = Correlation.Pieces(c.TargetPlane, PanelPixels);
        int planes = c.Images * c.Groups;
        double cycles = (double)c.SourceChannels * c.TargetChannels * c.TargetPlane * planes / InstructionSet.MacsPerCycle;
        int wanted = (int)Math.Clamp(cycles / LeastCycles, 1, WantedChunks);
        PanelsPerChunk = Correlation.Even(Panels, Math.Max(1, Panels * planes / wanted));
        Chunks = planes * Correlation.Pieces(Panels, PanelsPerChunk);

        for (int block = 0; block < c.TargetBlocks; block += c.GroupAt(block))
        {
            Tiles += Correlation.Pieces(Filters(c, block), PixelTile.MostPixels(PanelBlocks));
        }

        // Every tap of every tile fetches a line: so few channels a tap that a panel's lines are all fetched.
        Lines = c.TargetPlane % Blocks.Width == 0 ? PanelBlocks : PanelBlocks + 1;
        ChannelsPerTap = Math.Clamp(Tiles / Lines, 1, c.SourceChannels);
        Taps = Correlation.Pieces(c.SourceChannels, ChannelsPerTap);
        PanelsPerGroup = Math.Clamp(GroupBytes / (c.SourceChannels * PanelPixels * sizeof(float)), 1, MostPanels);
    }

    /// <summary>Blocks of sixteen pixels in a panel.</summary>
    public int PanelBlocks { get; }

    /// <summary>Pixels in a panel.</summary>
    public int PanelPixels => PanelBlocks * Blocks.Width;

    /// <summary>Panels of a plane; the last may share pixels with the one before it.</summary>
    public int Panels { get; }

    /// <summary>Panels that a tile of filters takes one after the other.</summary>
    public int PanelsPerGroup { get; }

    /// <summary>Panels in a chunk.</summary>
    public int PanelsPerChunk { get; }

    /// <summary>Chunks of work.</summary>
    public int Chunks { get; }

    /// <summary>Cache lines that a channel of a panel may touch.</summary>
    public int Lines { get; }

    /// <summary>Channels in a tap.</summary>
    public int ChannelsPerTap { get; }

    /// <summary>Taps of all channels.</summary>
    public int Taps { get; }

    /// <summary>Tiles of all filters.</summary>
    public int Tiles { get; }

    /// <summary>Floats of a list of taps, of two ints each.</summary>
    public int TapFloats => Blocks.Of(2 * Taps) * Blocks.Width;

    /// <summary>Floats of the list of lines to fetch, an int each.</summary>
    public int LineFloats => Blocks.Of(Tiles * Taps) * Blocks.Width;

    /// <summary>Whether a correlation is computed so.</summary>
    public static bool Fits(in Correlation c) =>
        c.PlainSource && c.PlainTarget && !c.Stem && c.Rows.IsPointwise && c.Columns.IsPointwise
        && c.TargetPlane >= LeastPixels && c.GroupBlocks <= 2;

    /// <summary>Floats of scratch: two lists of taps, for the widths of a group of filters, and the lines to fetch.</summary>
    public static long ScratchFloats(in Correlation c)
    {
        var p = new Pointwise(c);
        return (2L * p.TapFloats) + p.LineFloats;
    }

    /// <summary>Filters of the group that begins at a target block.</summary>
    public static int Filters(in Correlation c, int block) =>
        Math.Min(c.GroupAt(block) * Blocks.Width, c.TargetChannels - (block * Blocks.Width));
}
