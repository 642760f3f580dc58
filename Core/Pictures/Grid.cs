namespace Fovea.Core.Pictures;

/// <summary>Images side by side, in rows.</summary>
public static class Grid
{
    /// <summary>The images row by row, each in a cell as large as the largest of them.</summary>
    /// <param name="images">The images, one or more.</param>
    /// <param name="columns">Images in a row; as many as make a near square unless given.</param>
    /// <param name="gap">Pixels between cells and around them.</param>
    /// <param name="background">The colour between them; a dark grey unless given.</param>
    /// <param name="labels">A line of text below each image, cut to its cell; none unless given.</param>
    /// <exception cref="ArgumentException">There is no image, or another number of labels.</exception>
    public static Image Of(IEnumerable<Image> images, int? columns = null, int gap = 1, Colour? background = null, IEnumerable<string>? labels = null)
    {
        ArgumentNullException.ThrowIfNull(images);
        Image[] cells = [.. images];
        string[] texts = labels is null ? [] : [.. labels];
        if (cells.Length == 0 || (labels is not null && texts.Length != cells.Length))
        {
            throw new ArgumentException($"grid: expected one image or more, with a label each or none, got {cells.Length} images and {texts.Length} labels");
        }

        Colour behind = background ?? Colour.Grey(48);
        Colour ink = behind.Luma > 0.5f ? Colour.Black : Colour.White;
        int width = cells.Max(cell => cell.Width), height = cells.Max(cell => cell.Height);
        int lineHeight = labels is null ? 0 : Font.LineHeight;
        int across = Math.Clamp(columns ?? Columns(cells.Length, width, height + lineHeight), 1, cells.Length);
        int down = (cells.Length + across - 1) / across;
        Image grid = Image.Blank(checked((across * (width + gap)) + gap), checked((down * (height + lineHeight + gap)) + gap), behind);
        for (int i = 0; i < cells.Length; i++)
        {
            int left = gap + (i % across * (width + gap));
            int top = gap + (i / across * (height + lineHeight + gap));
            grid.Draw(cells[i], left + ((width - cells[i].Width) / 2), top + ((height - cells[i].Height) / 2));
            if (labels is not null)
            {
                Font.Write(grid, Font.Cut(texts[i], width), left, top + height + 1, ink);
            }
        }

        return grid;
    }

    // About as wide as high, in pixels; a full last row where that is near.
    private static int Columns(int count, int width, int height)
    {
        int even = Math.Max(1, (int)Math.Round(Math.Sqrt((double)count * height / width)));
        int full = Enumerable.Range(even, (even / 2) + 2).FirstOrDefault(columns => count % columns == 0);
        return full > 0 ? full : even;
    }
}
