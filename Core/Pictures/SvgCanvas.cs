using System.Globalization;
using System.Net;
using System.Text;

namespace Fovea.Core.Pictures;

/// <summary>
/// A canvas that writes an inline SVG element. Its ink is the page's text colour, so that it reads in light and dark.
/// </summary>
internal sealed class SvgCanvas : ICanvas
{
    private readonly StringBuilder text = new();

    public SvgCanvas(int width, int height, string title) =>
        text.Append(CultureInfo.InvariantCulture, $"<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" width=\"{width}\" height=\"{height}\" role=\"img\" font-family=\"ui-monospace, monospace\" font-size=\"10\">\n<title>{Escaped(title)}</title>\n");

    /// <summary>The finished element.</summary>
    public override string ToString() => text + "</svg>\n";

    public void Rectangle(float left, float top, float width, float height, Colour fill) =>
        text.Append(CultureInfo.InvariantCulture, $"<rect x=\"{left:0.##}\" y=\"{top:0.##}\" width=\"{width:0.##}\" height=\"{height:0.##}\" fill=\"{fill}\"/>\n");

    public void Line(IReadOnlyList<(float X, float Y)> points, Colour? colour, float thickness, float strength)
    {
        string path = string.Join(" ", points.Select(point => string.Create(CultureInfo.InvariantCulture, $"{point.X:0.##},{point.Y:0.##}")));
        text.Append(CultureInfo.InvariantCulture, $"<polyline points=\"{path}\" fill=\"none\" stroke=\"{Ink(colour)}\" stroke-width=\"{thickness:0.##}\" stroke-opacity=\"{strength:0.##}\" stroke-linejoin=\"round\"/>\n");
    }

    public void Text(float x, float y, string content, Anchor anchor, Colour? colour)
    {
        string stands = anchor switch { Anchor.Left => "start", Anchor.Middle => "middle", _ => "end" };
        text.Append(CultureInfo.InvariantCulture, $"<text x=\"{x:0.##}\" y=\"{y:0.##}\" text-anchor=\"{stands}\" dominant-baseline=\"central\" fill=\"{Ink(colour)}\">{Escaped(content)}</text>\n");
    }

    private static string Ink(Colour? colour) => colour?.ToString() ?? "currentColor";

    // Control characters are not allowed in XML at all.
    private static string Escaped(string content) => WebUtility.HtmlEncode(new string([.. content.Where(letter => !char.IsControl(letter) && !char.IsSurrogate(letter))]));
}
