using Fovea.Core.Shapes;

namespace Fovea.Core.Kernels;

/// <summary>
/// Images in either layout, as tiles read and write them: plane by plane of sixteen channels. Blocked images are taken where they
/// lie. Of plain ones, the rows that some tiles touch are turned into blocks in scratch, or from there back, a block at a time, so
/// that no blocked copy of the batch goes through memory.
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
    private readonly WinogradReach down;
    private readonly WinogradReach across;
    private readonly bool isFar;

    /// <summary>Images in a layout, with room for a band.</summary>
    public WinogradImages(in WinogradReach down, in WinogradReach across, int count, int channels, float* images, Layout layout, float* band)
    {
        this.images = images;
        this.band = layout == Layout.Plain ? band : null;
        this.channels = channels;
        this.down = down;
        this.across = across;
        Image = (layout == Layout.Plain ? 1 : Blocks.Of(channels)) * (nint)down.Length * Row;
        long floats = (long)count * channels * down.Length * across.Length;
        isFar = layout == Layout.Plain ? FarStores.Suit(images, floats, FarStores.LeastBytesOfRuns) : FarStores.Suit(images, floats);
    }

    /// <summary>Floats from an image's plane to the next one's.</summary>
    public nint Image { get; }

    /// <summary>Floats from a row to the next.</summary>
    public nint Row => (nint)across.Length * Blocks.Width;

    /// <summary>Whether what is written to the planes had better go past the caches.</summary>
    public bool IsFar => isFar && IsInPlace;

    /// <summary>Whether planes are the images themselves.</summary>
    public bool IsInPlace => band == null;

    /// <summary>Floats of a band for up to so many tiles in a row, of so many images.</summary>
    public static long BandFloats(in WinogradReach down, in WinogradReach across, int images, int tiles)
    {
        if (tiles == 0)
        {
            return 0;
        }

        // Where tiles of several images come together, the rows in between do so as well.
        long tileRows = Correlation.Pieces(tiles - 1, across.Tiles.Tiles) + 1;
        long touched = Correlation.Pieces(tiles - 1, across.Tiles.Tiles * down.Tiles.Tiles) + 1;
        long rows = (tileRows * down.Tiles.Side * down.Step) + (touched * (down.Halo + down.Untouched));
        return Math.Min(rows, (long)images * down.Length) * across.Length * Blocks.Width;
    }

    /// <summary>The planes of a block, from image 0 on, with what some tiles read.</summary>
    public float* Read(int tile0, int tile1, int block)
    {
        float* planes = Planes(tile0, block);
        for (int tile = tile0; tile < tile1 && !IsInPlace;)
        {
            Turn(Next(ref tile, tile1), block, planes, true);
        }

        return planes;
    }

    /// <summary>The planes of a block, from image 0 on, for tiles from <paramref name="tile0"/> on to write.</summary>
    public float* Planes(int tile0, int block)
    {
        if (IsInPlace)
        {
            return images + (block * down.Length * Row);
        }

        int tile = tile0 % (down.Tiles.Tiles * across.Tiles.Tiles);
        int image = tile0 / (down.Tiles.Tiles * across.Tiles.Tiles);
        return band - ((image * Image) + (down.Begin(tile / across.Tiles.Tiles) * Row));
    }

    /// <summary>Brings to the images what some tiles have written to the <paramref name="planes"/> of a block.</summary>
    public void Written(int tile0, int tile1, int block, float* planes)
    {
        for (int tile = tile0; tile < tile1 && !IsInPlace;)
        {
            Turn(Next(ref tile, tile1), block, planes, false);
        }
    }

    // As many of the next tiles as make a rectangle: whole rows of tiles of an image, or a piece of a row.
    private Rectangle Next(ref int tile, int tile1)
    {
        int column = tile % across.Tiles.Tiles;
        int row = tile / across.Tiles.Tiles % down.Tiles.Tiles;
        int image = tile / (across.Tiles.Tiles * down.Tiles.Tiles);
        int wide = Math.Min(across.Tiles.Tiles - column, tile1 - tile);
        int high = wide < across.Tiles.Tiles ? 1 : Math.Min(down.Tiles.Tiles - row, (tile1 - tile) / wide);
        tile += wide * high;
        return new(image, down.Begin(row), down.End(row + high - 1), across.Begin(column), across.End(column + wide - 1));
    }

    private void Turn(in Rectangle r, int block, float* planes, bool reading)
    {
        int lanes = Math.Min(Blocks.Width, channels - (block * Blocks.Width));
        nint plane = (nint)down.Length * across.Length;
        nint at = ((nint)r.Top * across.Length) + r.Left;
        float* plain = images + ((((nint)r.Image * channels) + (block * Blocks.Width)) * plane) + at;
        float* blocked = planes + (r.Image * Image) + (at * Blocks.Width);
        int width = r.Right - r.Left;
        if (width == across.Length)
        {
            Turn(plain, plane, lanes, width * (r.Bottom - r.Top), blocked, reading);
            return;
        }

        for (int row = r.Top; row < r.Bottom; row++)
        {
            Turn(plain, plane, lanes, width, blocked, reading);
            plain += across.Length;
            blocked += Row;
        }
    }

    private void Turn(float* plain, nint plane, int lanes, int pixels, float* blocked, bool reading)
    {
        if (reading)
        {
            Transpose16.Block(plain, plane, lanes, pixels, blocked);
        }
        else
        {
            Transpose16.Unblock(blocked, plain, plane, lanes, pixels, isFar);
        }
    }

    private readonly record struct Rectangle(int Image, int Top, int Bottom, int Left, int Right);
}
