namespace Fovea.Core.Data;

/// <summary>Where a figure stands: its centre in pixels, its direction, and the pixels of one unit of its own.</summary>
internal readonly record struct Placement(float X, float Y, float Cos, float Sin, float Scale)
{
    /// <summary>A placement with its centre in a square, at any angle.</summary>
    public static Placement Draw(Random random, float from, float to, float scale)
    {
        float x = Between(random, from, to), y = Between(random, from, to);
        (float cos, float sin) = Direction(random);
        return new Placement(x, y, cos, sin, scale);
    }

    /// <summary>A pixel's place as the figure sees it, in its own units.</summary>
    public (float U, float V) Local(int y, int x)
    {
        float right = (x + 0.5f - X) / Scale, down = (y + 0.5f - Y) / Scale;
        return ((right * Cos) + (down * Sin), (down * Cos) - (right * Sin));
    }

    /// <summary>A number between two others, all equally likely.</summary>
    public static float Between(Random random, float from, float to) => from + ((to - from) * random.NextSingle());

    /// <summary>
    /// The cosine and the sine of an angle, all equally likely: a point of the unit disc, pushed to its rim. Square
    /// roots are rounded alike on every machine; sines are not.
    /// </summary>
    public static (float Cos, float Sin) Direction(Random random)
    {
        while (true)
        {
            float x = Between(random, -1, 1), y = Between(random, -1, 1);
            float square = (x * x) + (y * y);
            if (square is <= 1 and >= 0.01f)
            {
                float length = MathF.Sqrt(square);
                return (x / length, y / length);
            }
        }
    }
}
