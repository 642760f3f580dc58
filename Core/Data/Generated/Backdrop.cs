namespace Fovea.Core.Data;

/// <summary>What stands behind the figure: a smooth change of colours, and clutter in front of it.</summary>
internal static class Backdrop
{
    private const int Knots = 4;

    /// <summary>Covers the canvas with colours that change from knot to knot of a coarse grid.</summary>
    public static void Fill(Canvas canvas, Random random)
    {
        Span<Colour> knots = stackalloc Colour[Knots * Knots];
        Colour main = Colour.DrawDark(random);
        float variety = Placement.Between(random, 0.1f, 0.5f);
        foreach (ref Colour knot in knots)
        {
            knot = main.Mix(Colour.DrawDark(random), variety);
        }

        float step = (Knots - 1f) / canvas.Side;
        for (int y = 0; y < canvas.Side; y++)
        {
            for (int x = 0; x < canvas.Side; x++)
            {
                canvas[y, x] = Between(knots, y * step, x * step);
            }
        }
    }

    /// <summary>Throws strokes and blobs over the canvas, none of them like a figure.</summary>
    public static void Clutter(Canvas canvas, int pieces, Random random)
    {
        for (int piece = 0; piece < pieces; piece++)
        {
            // A stroke is long and thin, a blob short and round: both are boxes with round ends.
            bool isStroke = random.NextSingle() < 0.6f;
            float half = isStroke ? Placement.Between(random, 3f, 9f) : Placement.Between(random, 0.5f, 2f);
            float width = isStroke ? Placement.Between(random, 0.4f, 1f) : Placement.Between(random, 1f, 2.2f);
            Placement at = Placement.Draw(random, 0, canvas.Side, 1);
            Colour colour = Colour.Draw(random);
            float strength = Placement.Between(random, 0.5f, 1f);
            Paint(canvas, at, half, width, colour, strength);
        }
    }

    private static void Paint(Canvas canvas, Placement at, float half, float width, Colour colour, float strength)
    {
        int reach = (int)(half + width) + 1;
        for (int y = Math.Max(0, (int)at.Y - reach); y < Math.Min(canvas.Side, (int)at.Y + reach + 1); y++)
        {
            for (int x = Math.Max(0, (int)at.X - reach); x < Math.Min(canvas.Side, (int)at.X + reach + 1); x++)
            {
                (float u, float v) = at.Local(y, x);
                float along = MathF.Max(0, MathF.Abs(u) - half);
                float outside = MathF.Sqrt((along * along) + (v * v)) - width;
                canvas.Paint(y, x, colour, strength * Math.Clamp(0.5f - outside, 0f, 1f));
            }
        }
    }

    private static Colour Between(ReadOnlySpan<Colour> knots, float y, float x)
    {
        int row = Math.Min((int)y, Knots - 2), column = Math.Min((int)x, Knots - 2);
        Colour above = knots[(row * Knots) + column].Mix(knots[(row * Knots) + column + 1], x - column);
        Colour below = knots[((row + 1) * Knots) + column].Mix(knots[((row + 1) * Knots) + column + 1], x - column);
        return above.Mix(below, y - row);
    }
}
