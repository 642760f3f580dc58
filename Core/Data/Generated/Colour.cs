namespace Fovea.Core.Data;

/// <summary>A colour, each part 0..1.</summary>
internal readonly record struct Colour(float Red, float Green, float Blue)
{
    /// <summary>Any colour, all equally likely.</summary>
    public static Colour Draw(Random random) => new(random.NextSingle(), random.NextSingle(), random.NextSingle());

    /// <summary>A colour in the brighter part of all.</summary>
    public static Colour DrawBright(Random random) => DrawWithin(random, 0.6f, 1f);

    /// <summary>A colour in the darker part of all.</summary>
    public static Colour DrawDark(Random random) => DrawWithin(random, 0f, 0.4f);

    /// <summary>This colour, mixed with another: 0 is all of this one, 1 all of the other.</summary>
    public Colour Mix(Colour other, float share) =>
        new(Red + ((other.Red - Red) * share), Green + ((other.Green - Green) * share), Blue + ((other.Blue - Blue) * share));

    private static Colour DrawWithin(Random random, float darkest, float brightest)
    {
        while (true)
        {
            Colour colour = Draw(random);
            float brightness = (colour.Red + colour.Green + colour.Blue) / 3;
            if (brightness >= darkest && brightness <= brightest)
            {
                return colour;
            }
        }
    }
}
