namespace Fovea.Core.Pictures;

/// <summary>
/// Numbers from 0 to 1 as colours: straight lines between a few colours at even distances. NaN has a colour of its own.
/// </summary>
public sealed class ColourMap
{
    private readonly Colour[] stops;

    /// <summary>Creates a map through two or more colours.</summary>
    /// <param name="name">What it is called.</param>
    /// <param name="missing">NaN's colour; one that is not in the map.</param>
    /// <param name="stops">The colours from 0 to 1.</param>
    /// <exception cref="ArgumentException">There are fewer than two colours.</exception>
    public ColourMap(string name, Colour missing, params Colour[] stops)
    {
        ArgumentNullException.ThrowIfNull(stops);
        if (stops.Length < 2)
        {
            throw new ArgumentException($"colour map {name}: expected two colours or more, got {stops.Length}");
        }

        (Name, Missing, this.stops) = (name, missing, stops);
    }

    /// <summary>What it is called.</summary>
    public string Name { get; }

    /// <summary>NaN's colour.</summary>
    public Colour Missing { get; }

    /// <summary>From black to white.</summary>
    public static ColourMap Grey { get; } = new("grey", new Colour(255, 0, 255), Colour.Black, Colour.White);

    /// <summary>
    /// Dark violet over green to yellow: ever brighter, so that it reads without colour as well. The stops are nine
    /// values of viridis, by S. van der Walt and N. Smith, in the public domain (CC0).
    /// </summary>
    public static ColourMap Viridis { get; } = new(
        "viridis",
        new Colour(255, 0, 255),
        new(68, 1, 84), new(71, 45, 123), new(59, 82, 139), new(44, 114, 142), new(33, 145, 140), new(40, 174, 128), new(94, 201, 98), new(173, 220, 48), new(253, 231, 37));

    /// <summary>Blue below, white in the middle, red above: for numbers around zero, with a range that is symmetric.</summary>
    public static ColourMap Diverging { get; } = new(
        "diverging",
        new Colour(40, 40, 40),
        new(20, 55, 120), new(65, 130, 190), new(165, 205, 225), new(247, 247, 247), new(245, 190, 165), new(210, 95, 75), new(115, 10, 35));

    /// <summary>Black over red and yellow to white: for heat over an image.</summary>
    public static ColourMap Heat { get; } = new(
        "heat",
        new Colour(0, 160, 255),
        new(0, 0, 0), new(130, 0, 0), new(230, 60, 0), new(255, 170, 20), new(255, 255, 180));

    /// <summary>The colour of a number; what is outside 0 to 1 has the colour of the nearer end.</summary>
    public Colour At(float value)
    {
        if (float.IsNaN(value))
        {
            return Missing;
        }

        float at = Math.Clamp(value, 0, 1) * (stops.Length - 1);
        int below = Math.Min((int)at, stops.Length - 2);
        return stops[below].Mix(stops[below + 1], at - below);
    }

    /// <summary>The name.</summary>
    public override string ToString() => Name;
}
