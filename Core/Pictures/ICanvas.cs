namespace Fovea.Core.Pictures;

/// <summary>Where a text stands about its place.</summary>
internal enum Anchor
{
    Left,
    Middle,
    Right,
}

/// <summary>
/// What charts are drawn on: pixels or SVG, measured in pixels from the top left corner. No colour means the page's own
/// ink.
/// </summary>
internal interface ICanvas
{
    void Rectangle(float left, float top, float width, float height, Colour fill);

    /// <summary>A line through points.</summary>
    void Line(IReadOnlyList<(float X, float Y)> points, Colour? colour, float thickness, float strength = 1);

    /// <summary>A text whose capital letters' middle is at the height y.</summary>
    void Text(float x, float y, string text, Anchor anchor, Colour? colour = null);
}
