namespace Fovea.Core.Pictures;

/// <summary>A canvas of pixels: black on white, lines smooth at their edges.</summary>
internal sealed class PixelCanvas(int width, int height) : ICanvas
{
    public Image Image { get; } = Image.Blank(width, height, Colour.White);

    public void Rectangle(float left, float top, float width, float height, Colour fill)
    {
        int x = (int)MathF.Round(left), y = (int)MathF.Round(top);
        Image.Fill(x, y, (int)MathF.Round(left + width) - x, (int)MathF.Round(top + height) - y, fill);
    }

    public void Line(IReadOnlyList<(float X, float Y)> points, Colour? colour, float thickness, float strength)
    {
        for (int i = 1; i < points.Count; i++)
        {
            Segment(points[i - 1], points[i], colour ?? Colour.Black, thickness, strength);
        }
    }

    public void Text(float x, float y, string text, Anchor anchor, Colour? colour)
    {
        int before = anchor switch { Anchor.Left => 0, Anchor.Middle => Font.Width(text) / 2, _ => Font.Width(text) };
        Font.Write(Image, text, (int)MathF.Round(x) - before, (int)MathF.Round(y) - (Font.CapHeight / 2), colour ?? Colour.Black);
    }

    // A pixel is covered as far as its centre is within the line.
    private void Segment((float X, float Y) from, (float X, float Y) to, Colour colour, float thickness, float strength)
    {
        float reach = (thickness / 2) + 0.5f;
        (float dx, float dy) = (to.X - from.X, to.Y - from.Y);
        float lengthSquared = (dx * dx) + (dy * dy);
        int right = (int)Math.Min(Image.Width - 1, Math.Max(from.X, to.X) + reach);
        int bottom = (int)Math.Min(Image.Height - 1, Math.Max(from.Y, to.Y) + reach);
        for (int y = (int)Math.Max(0, Math.Min(from.Y, to.Y) - reach); y <= bottom; y++)
        {
            for (int x = (int)Math.Max(0, Math.Min(from.X, to.X) - reach); x <= right; x++)
            {
                (float px, float py) = (x + 0.5f - from.X, y + 0.5f - from.Y);
                float along = lengthSquared == 0 ? 0 : Math.Clamp(((px * dx) + (py * dy)) / lengthSquared, 0, 1);
                float distance = MathF.Sqrt(MathF.Pow(px - (along * dx), 2) + MathF.Pow(py - (along * dy), 2));
                if (distance < reach)
                {
                    Image[x, y] = Image[x, y].Mix(colour, Math.Min(1, reach - distance) * strength);
                }
            }
        }
    }
}
