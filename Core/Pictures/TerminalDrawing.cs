using System.Globalization;
using System.Text;

namespace Fovea.Core.Pictures;

/// <summary>The colours that a terminal has.</summary>
public enum ColourDepth
{
    /// <summary>None: letters of different weight stand for brightness.</summary>
    Plain,

    /// <summary>The 256 colours of xterm.</summary>
    Indexed,

    /// <summary>24 bits.</summary>
    True,
}

/// <summary>Images as text for a terminal: two pixels above each other in a character, by its ink and its background.</summary>
public static class TerminalDrawing
{
    private const string Weights = " .:-=+*#%@";
    private const char UpperHalf = '▀';
    internal const string Reset = "\u001b[0m";

    /// <summary>The lines of an image, each ended by a line feed. An image wider than the terminal is made smaller.</summary>
    /// <param name="image">The image.</param>
    /// <param name="depth">The terminal's colours.</param>
    /// <param name="columns">The most characters in a line.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is not one column.</exception>
    public static string Draw(Image image, ColourDepth depth, int columns = 80)
    {
        ArgumentNullException.ThrowIfNull(image);
        ArgumentOutOfRangeException.ThrowIfLessThan(columns, 1);

        // Without colour, twice as wide a drawing shows twice the detail in the same proportions.
        bool plain = depth == ColourDepth.Plain;
        Image shown = Resizing.Shrink(image, plain ? Math.Max(1, columns / 2) : columns);
        var text = new StringBuilder();
        for (int y = 0; y < shown.Height; y += plain ? 1 : 2)
        {
            if (plain)
            {
                for (int x = 0; x < shown.Width; x++)
                {
                    text.Append(Weights[(int)MathF.Round(shown[x, y].Luma * (Weights.Length - 1))], 2);
                }
            }
            else
            {
                Row(text, shown, y, depth);
            }

            text.Append('\n');
        }

        return text.ToString();
    }

    /// <summary>What makes letters of a colour.</summary>
    internal static string Ink(Colour colour, ColourDepth depth) => $"\u001b[38;{Code(colour, depth)}m";

    private static void Row(StringBuilder text, Image image, int y, ColourDepth depth)
    {
        string last = "";
        for (int x = 0; x < image.Width; x++)
        {
            string colours = $"\u001b[38;{Code(image[x, y], depth)};{(y + 1 < image.Height ? "48;" + Code(image[x, y + 1], depth) : "49")}m";
            text.Append(colours == last ? "" : colours).Append(UpperHalf);
            last = colours;
        }

        text.Append(Reset);
    }

    private static string Code(Colour colour, ColourDepth depth) =>
        depth == ColourDepth.True
            ? string.Create(CultureInfo.InvariantCulture, $"2;{colour.R};{colour.G};{colour.B}")
            : string.Create(CultureInfo.InvariantCulture, $"5;{Index(colour)}");

    // Of xterm's 256: 16 to 231 are a cube of six levels a side, 232 to 255 greys from 8 in steps of 10.
    private static int Index(Colour colour)
    {
        int r = Level(colour.R), g = Level(colour.G), b = Level(colour.B);
        int grey = Math.Clamp((((colour.R + colour.G + colour.B) / 3) - 3) / 10, 0, 23);
        int asGrey = Distance(colour, Colour.Grey((byte)(8 + (10 * grey))));
        int asCube = Distance(colour, new Colour(Value(r), Value(g), Value(b)));
        return asGrey < asCube ? 232 + grey : 16 + (36 * r) + (6 * g) + b;

        static int Level(byte value) => value < 48 ? 0 : value < 115 ? 1 : (value - 35) / 40;
        static byte Value(int level) => (byte)(level == 0 ? 0 : 55 + (40 * level));
    }

    private static int Distance(Colour a, Colour b)
    {
        (int r, int g, int blue) = (a.R - b.R, a.G - b.G, a.B - b.B);
        return (r * r) + (g * g) + (blue * blue);
    }
}
