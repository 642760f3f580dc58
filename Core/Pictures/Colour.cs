namespace Fovea.Core.Pictures;

/// <summary>A colour: red, green and blue from 0 to 255, as screens have them (sRGB).</summary>
public readonly record struct Colour(byte R, byte G, byte B)
{
    /// <summary>Black.</summary>
    public static Colour Black => new(0, 0, 0);

    /// <summary>White.</summary>
    public static Colour White => new(255, 255, 255);

    /// <summary>A grey.</summary>
    public static Colour Grey(byte level) => new(level, level, level);

    /// <summary>This colour and another, mixed: 0 gives this one, 1 the other.</summary>
    public Colour Mix(Colour other, float share)
    {
        return new(One(R, other.R), One(G, other.G), One(B, other.B));

        byte One(byte from, byte to) => (byte)MathF.Round(from + ((to - from) * Math.Clamp(share, 0, 1)));
    }

    /// <summary>How bright it looks, from 0 to 1 (the weights of ITU-R BT.601).</summary>
    public float Luma => ((0.299f * R) + (0.587f * G) + (0.114f * B)) / 255;

    /// <summary>As HTML and SVG write it: <c>#ff8000</c>.</summary>
    public override string ToString() => $"#{R:x2}{G:x2}{B:x2}";
}
