namespace Fovea.Core.Pictures;

/// <summary>A chart, to be drawn as pixels or as SVG.</summary>
public abstract class Chart
{
    private const int Least = 80;

    // The palette of M. Okabe and K. Ito (2008), made so that colour-blind people can tell its colours apart; its yellow
    // darker, so that it is seen on white, and a grey.
    private static readonly Colour[] Palette =
        [new(0, 114, 178), new(213, 94, 0), new(0, 158, 115), new(204, 121, 167), new(230, 159, 0), new(86, 180, 233), new(176, 160, 20), new(128, 128, 128)];

    private protected Chart(string title, int width, int height) => (Title, Width, Height) = (title, width, height);

    /// <summary>What stands above it.</summary>
    public string Title { get; }

    /// <summary>The width, in pixels, that it has unless told otherwise.</summary>
    public int Width { get; }

    /// <summary>The height, in pixels, that it has unless told otherwise.</summary>
    public int Height { get; }

    /// <summary>The chart in pixels, black on white.</summary>
    public Image ToImage(int? width = null, int? height = null)
    {
        var canvas = new PixelCanvas(Math.Max(Least, width ?? Width), Math.Max(Least, height ?? Height));
        Draw(canvas, canvas.Image.Width, canvas.Image.Height);
        return canvas.Image;
    }

    /// <summary>The chart as an SVG element for a page, in the page's text colour.</summary>
    public string ToSvg(int? width = null, int? height = null)
    {
        int wide = Math.Max(Least, width ?? Width), high = Math.Max(Least, height ?? Height);
        var canvas = new SvgCanvas(wide, high, Title);
        Draw(canvas, wide, high);
        return canvas.ToString();
    }

    /// <summary>The chart in characters for a terminal, each line ended by a line feed.</summary>
    /// <param name="depth">The terminal's colours; without any, each curve is drawn by a letter of its own.</param>
    /// <param name="columns">Characters in a line, 40 at least.</param>
    public string ToText(ColourDepth depth, int columns = 80)
    {
        int wide = Math.Max(40, columns);
        var canvas = new TextCanvas(wide, (Height + TextCanvas.CellHeight - 1) / TextCanvas.CellHeight);
        Draw(canvas, wide * TextCanvas.CellWidth, Height);
        return canvas.Write(depth);
    }

    /// <summary>Its title.</summary>
    public override string ToString() => $"{GetType().Name} \"{Title}\"";

    internal abstract void Draw(ICanvas canvas, float width, float height);

    private protected static Colour ColourOf(int index) => Palette[index % Palette.Length];
}
