using Fovea.Core.Shapes;

namespace Fovea.Core.Kernels;

/// <summary>
/// Images in either layout, as Winograd's tiles read and write them: plane by plane of sixteen channels. Blocked images are taken
/// where they lie. Of plain ones, the rows that some tiles touch are turned into blocks in scratch, or from there back, a block
/// at a time, so that no blocked copy of the batch goes through memory.
/// </summary>
/// <remarks>
/// <code>
/// blocked  image × block × row × column × 16
/// plain    image × channel × row × column
/// band     row × column × 16: the rows of the tiles' images, counted through, from the first that is touched
/// </code>
/// </remarks>
internal readonly unsafe struct WinogradImages
{
    private readonly float* images;
    private readonly float* band;
    private readonly int channels;
    private readonly int rows;
    private readonly int columns;
    private readonly int lowRows;
    private readonly int lowColumns;
    private readonly int halo;

    private WinogradImages(float* images, int count, Layout layout, float* band, int channels, int rows, int columns, int lowRows, int lowColumns, int halo)
    {
        this.images = images;
        this.band = layout == Layout.Plain ? band : null;
        this.channels = channels;
        this.rows = rows;
        this.columns = columns;
        this.lowRows = lowRows;
        this.lowColumns = lowColumns;
        this.halo = halo;
        Row = (nint)columns * Blocks.Width;
        Image = layout == Layout.Plain ? rows * Row : Blocks.Of(channels) * rows * Row;
        IsFar = layout == Layout.Blocked && FarStores.Suit(images, count * Image);
    }

    /// <summary>Floats from an image's plane to the next one's.</summary>
    public nint Image { get; }

    /// <summary>Whether what is written had better go past the caches.</summary>
    public bool IsFar { get; }

    private nint Row { get; }

    /// <summary>What tiles read.</summary>
    public static WinogradImages Sources(in WinogradTiles t, float* images, Layout layout, float* band) =>
        new(images, t.Images, layout, band, t.SourceChannels, t.SourceRows, t.SourceColumns, t.LowRows, t.LowColumns, t.Taps - 1);

    /// <summary>What tiles write, or its gradient.</summary>
    public static WinogradImages Targets(in WinogradTiles t, float* images, Layout layout, float* band) =>
        new(images, t.Images, layout, band, t.TargetChannels, t.TargetRows, t.TargetColumns, 0, 0, 0);

    /// <summary>Floats of a band for up to so many tiles in a row, of sources or of targets.</summary>
    public static long BandFloats(in WinogradTiles t, int tiles)
    {
        if (tiles == 0)
        {
            return 0;
        }

        // Where tiles of several images come together, their rows in between do so as well: also those that padding cuts off.
        long tileRows = Correlation.Pieces(tiles - 1, t.Across.Tiles) + 1;
        long images = Correlation.Pieces(tiles - 1, t.Across.Tiles * t.Down.Tiles) + 1;
        int high = t.TargetRows + t.Taps - 1 - t.LowRows - t.SourceRows;
        long sources = (tileRows * t.Down.Side) + (images * (t.Taps - 1 + Math.Max(0, -t.LowRows) + Math.Max(0, -high)));
        long targets = tileRows * t.Down.Side;
        return Blocks.Width * Math.Max(
            Math.Min(sources, (long)t.Images * t.SourceRows) * t.SourceColumns,
            Math.Min(targets, (long)t.Images * t.TargetRows) * t.TargetColumns);
    }

    /// <summary>The planes of a block, from image 0 on, with what some tiles read.</summary>
    public float* Read(in WinogradTiles tiles, int tile0, int tile1, int block)
    {
        float* planes = Planes(tiles, tile0, block);
        if (band != null)
        {
            for (int tile = tile0; tile < tile1;)
            {
                Turn(Next(tiles, ref tile, tile1), block, planes, true);
            }
        }

        return planes;
    }

    /// <summary>The planes of a block, from image 0 on, for tiles from <paramref name="tile0"/> on to write.</summary>
    public float* Planes(in WinogradTiles tiles, int tile0, int block)
    {
        if (band == null)
        {
            return images + (block * rows * Row);
        }

        WinogradSpot spot = tiles.At(tile0);
        return band - (((nint)spot.Image * Image) + (Math.Clamp(spot.Top - lowRows, 0, rows) * Row));
    }

    /// <summary>Brings to the images what some tiles have written to the <paramref name="planes"/> of a block.</summary>
    public void Written(in WinogradTiles tiles, int tile0, int tile1, int block, float* planes)
    {
        for (int tile = tile0; tile < tile1 && band != null;)
        {
            Turn(Next(tiles, ref tile, tile1), block, planes, false);
        }
    }

    // As many of the next tiles as make a rectangle: whole rows of tiles of an image, or a piece of a row.
    private Rectangle Next(in WinogradTiles tiles, ref int tile, int tile1)
    {
        int across = tile % tiles.Across.Tiles;
        int down = tile / tiles.Across.Tiles % tiles.Down.Tiles;
        int image = tile / (tiles.Across.Tiles * tiles.Down.Tiles);
        int wide = Math.Min(tiles.Across.Tiles - across, tile1 - tile);
        int high = wide < tiles.Across.Tiles ? 1 : Math.Min(tiles.Down.Tiles - down, (tile1 - tile) / wide);
        tile += wide * high;
        int lastRow = down + high - 1;
        int lastColumn = across + wide - 1;
        return new(
            image,
            Math.Clamp(tiles.Down.Begin(down) - lowRows, 0, rows),
            Math.Clamp(tiles.Down.Begin(lastRow) + tiles.Down.SideOf(lastRow) + halo - lowRows, 0, rows),
            Math.Clamp(tiles.Across.Begin(across) - lowColumns, 0, columns),
            Math.Clamp(tiles.Across.Begin(lastColumn) + tiles.Across.SideOf(lastColumn) + halo - lowColumns, 0, columns));
    }

    private void Turn(in Rectangle r, int block, float* planes, bool reading)
    {
        int lanes = Math.Min(Blocks.Width, channels - (block * Blocks.Width));
        nint plane = (nint)rows * columns;
        nint at = ((nint)r.Top * columns) + r.Left;
        float* plain = images + ((((nint)r.Image * channels) + (block * Blocks.Width)) * plane) + at;
        float* blocked = planes + (r.Image * Image) + (at * Blocks.Width);
        int width = r.Right - r.Left;
        if (width == columns)
        {
            Turn(plain, plane, lanes, width * (r.Bottom - r.Top), blocked, reading);
            return;
        }

        for (int row = r.Top; row < r.Bottom; row++)
        {
            Turn(plain, plane, lanes, width, blocked, reading);
            plain += columns;
            blocked += Row;
        }
    }

    private static void Turn(float* plain, nint plane, int lanes, int pixels, float* blocked, bool reading)
    {
        if (reading)
        {
            Transpose16.Block(plain, plane, lanes, pixels, blocked);
        }
        else
        {
            Transpose16.Unblock(blocked, plain, plane, lanes, pixels);
        }
    }

    private readonly record struct Rectangle(int Image, int Top, int Bottom, int Left, int Right);
}
