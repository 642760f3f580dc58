using System.Text;

namespace Fovea.Core.Pictures;

/// <summary>
/// A canvas of characters for a terminal: writing is writing, and what is drawn is dots, eight to a character (Braille);
/// without colour every colour has a letter of its own, which the legend shows.
/// </summary>
internal sealed class TextCanvas : ICanvas
{
    /// <summary>Pixels of a chart that a character stands for, across: what a letter takes there.</summary>
    public const int CellWidth = Font.Advance;

    /// <summary>Pixels of a chart that a character stands for, down.</summary>
    public const int CellHeight = 12;

    private const float Dot = 3;
    private const float Faint = 0.3f;
    private const string Marks = "*o+x#%@&";
    private readonly int columns;
    private readonly int rows;
    private readonly char[,] letters;
    private readonly byte[,] dots;
    private readonly Colour?[,] inks;
    private readonly List<Colour> colours = [];

    public TextCanvas(int columns, int rows)
    {
        (this.columns, this.rows) = (columns, rows);
        letters = new char[rows, columns];
        dots = new byte[rows, columns];
        inks = new Colour?[rows, columns];
    }

    public void Rectangle(float left, float top, float width, float height, Colour fill)
    {
        for (int y = (int)MathF.Round(top / Dot); y < Math.Max(MathF.Round(top / Dot) + 1, MathF.Round((top + height) / Dot)); y++)
        {
            for (int x = (int)MathF.Round(left / Dot); x < Math.Max(MathF.Round(left / Dot) + 1, MathF.Round((left + width) / Dot)); x++)
            {
                Set(x, y, fill);
            }
        }
    }

    public void Line(IReadOnlyList<(float X, float Y)> points, Colour? colour, float thickness, float strength)
    {
        if (strength < Faint)
        {
            return; // Guide lines would hide the curves here.
        }

        for (int i = 1; i < points.Count; i++)
        {
            (float x, float y) = (points[i - 1].X / Dot, points[i - 1].Y / Dot);
            (float dx, float dy) = ((points[i].X / Dot) - x, (points[i].Y / Dot) - y);
            int steps = Math.Max(1, (int)MathF.Ceiling(Math.Max(Math.Abs(dx), Math.Abs(dy))));
            for (int step = 0; step <= steps; step++)
            {
                Set((int)MathF.Round(x + (dx * step / steps)), (int)MathF.Round(y + (dy * step / steps)), colour);
            }
        }
    }

    public void Text(float x, float y, string content, Anchor anchor, Colour? colour)
    {
        int row = (int)(y / CellHeight), length = content.Length;
        float left = x / CellWidth;
        int first = (int)MathF.Round(anchor switch { Anchor.Left => left, Anchor.Middle => left - (length / 2f), _ => left - length });
        for (int i = 0; i < length; i++)
        {
            if (row >= 0 && row < rows && first + i >= 0 && first + i < columns)
            {
                letters[row, first + i] = char.IsControl(content[i]) ? ' ' : content[i];
                inks[row, first + i] = null;
            }
        }
    }

    /// <summary>The lines, each ended by a line feed.</summary>
    public string Write(ColourDepth depth)
    {
        var text = new StringBuilder();
        for (int row = 0; row < rows; row++)
        {
            string last = "";
            var line = new StringBuilder();
            for (int column = 0; column < columns; column++)
            {
                string ink = depth != ColourDepth.Plain && inks[row, column] is { } colour ? TerminalDrawing.Ink(colour, depth) : "";
                line.Append(ink == last ? "" : ink.Length > 0 ? ink : TerminalDrawing.Reset).Append(Letter(row, column, depth));
                last = ink;
            }

            text.Append(line.ToString().TrimEnd()).Append(last.Length > 0 ? TerminalDrawing.Reset : "").Append('\n');
        }

        return text.ToString();
    }

    private char Letter(int row, int column, ColourDepth depth) =>
        letters[row, column] != 0 ? letters[row, column]
        : dots[row, column] == 0 ? ' '
        : depth != ColourDepth.Plain ? (char)('\u2800' + dots[row, column])
        : inks[row, column] is { } colour ? Marks[colours.IndexOf(colour) % Marks.Length]
        : '.';

    private void Set(int x, int y, Colour? colour)
    {
        (int column, int row) = (x / 2, y / 4);
        if (x < 0 || y < 0 || column >= columns || row >= rows)
        {
            return;
        }

        // Braille counts its dots down the left column, then down the right one, and the lowest two last.
        int down = y % 4, across = x % 2;
        dots[row, column] |= (byte)(1 << (down == 3 ? 6 + across : down + (3 * across)));
        if (colour is { } ink)
        {
            inks[row, column] = ink;
            if (!colours.Contains(ink))
            {
                colours.Add(ink);
            }
        }
    }
}
