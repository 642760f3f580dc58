namespace Fovea.Core.Pictures;

/// <summary>A named curve: a point for each x.</summary>
/// <param name="Name">What the legend calls it.</param>
/// <param name="X">Where the points are.</param>
/// <param name="Y">Their heights; the curve is broken where one is not finite.</param>
public sealed record Curve(string Name, IReadOnlyList<float> X, IReadOnlyList<float> Y)
{
    /// <summary>A curve over 1, 2, 3, …, such as epochs.</summary>
    public static Curve Of(string name, IEnumerable<float> values)
    {
        float[] heights = [.. values];
        return new(name, [.. Enumerable.Range(1, heights.Length).Select(i => (float)i)], heights);
    }
}

/// <summary>Curves over a common axis, such as a training's history.</summary>
public sealed class LineChart : Chart
{
    private const float Top = 24;
    private const float Right = 14;
    private const float Stroke = 14;
    private const float Gap = 6;
    private const float Apart = 14;
    private const float Line = 14;
    private readonly Curve[] curves;
    private readonly string across;
    private readonly bool wholeX;

    /// <summary>Creates a chart of curves.</summary>
    /// <param name="title">What stands above it.</param>
    /// <param name="across">What the horizontal axis counts, such as "epoch".</param>
    /// <param name="curves">The curves; none make an empty chart.</param>
    /// <exception cref="ArgumentException">A curve has another number of places than of heights.</exception>
    public LineChart(string title, string across, IEnumerable<Curve> curves)
        : base(title, 480, 280)
    {
        ArgumentNullException.ThrowIfNull(curves);
        this.curves = [.. curves];
        this.across = across;
        if (Array.Find(this.curves, curve => curve.X.Count != curve.Y.Count) is { } odd)
        {
            throw new ArgumentException($"line chart: curve {odd.Name} has {odd.X.Count} places and {odd.Y.Count} heights");
        }

        wholeX = this.curves.All(curve => curve.X.All(x => x == MathF.Round(x)));
    }

    internal override void Draw(ICanvas canvas, float width, float height)
    {
        int marksDown = Math.Max(2, (int)(height / 50)), marksAcross = Math.Max(2, (int)(width / 70));
        float bottom = height - 34;
        List<List<int>> legend = Legend(width);
        float top = Top + (Line * legend.Count);
        Axis vertical = Axis.Over(curves.SelectMany(curve => curve.Y), bottom, top).ToMarks(marksDown);
        (float At, string Text)[] heights = [.. vertical.Marks(marksDown)];
        float left = 14 + heights.Max(mark => Font.Width(mark.Text));
        Axis horizontal = Axis.Over(curves.SelectMany(curve => curve.X), left, width - Right);

        canvas.Text(left, 10, Title, Anchor.Left);
        foreach ((float y, string text) in heights)
        {
            canvas.Line([(left, y), (width - Right, y)], null, 1, 0.15f);
            canvas.Text(left - 6, y, text, Anchor.Right);
        }

        foreach ((float x, string text) in horizontal.Marks(marksAcross, wholeX))
        {
            canvas.Line([(x, bottom), (x, bottom + 4)], null, 1, 0.6f);
            canvas.Text(Axis.Inside(x, text, width), bottom + 11, text, Anchor.Middle);
        }

        canvas.Text((left + width - Right) / 2, height - 8, across, Anchor.Middle);
        canvas.Line([(left, top), (left, bottom), (width - Right, bottom)], null, 1, 0.6f);
        for (int i = 0; i < curves.Length; i++)
        {
            foreach (List<(float X, float Y)> piece in Pieces(curves[i], horizontal, vertical))
            {
                canvas.Line(piece, ColourOf(i), 2);
            }
        }

        DrawLegend(canvas, legend, left, width);
    }

    // The runs of finite points; a point alone becomes a short stroke, so that it is seen.
    private static IEnumerable<List<(float X, float Y)>> Pieces(Curve curve, Axis horizontal, Axis vertical)
    {
        var piece = new List<(float, float)>();
        for (int i = 0; i <= curve.X.Count; i++)
        {
            if (i < curve.X.Count && float.IsFinite(curve.Y[i]) && float.IsFinite(curve.X[i]))
            {
                piece.Add((horizontal.At(curve.X[i]), vertical.At(curve.Y[i])));
                continue;
            }

            if (piece.Count == 1)
            {
                (float x, float y) = piece[0];
                piece = [(x - 2, y), (x + 2, y)];
            }

            if (piece.Count > 0)
            {
                yield return piece;
            }

            piece = [];
        }
    }

    private static float Entry(string name) => Stroke + Gap + Font.Width(name) + Apart;

    // Beside the title where there is room, which is no line; otherwise below it, in as many lines as it takes.
    private List<List<int>> Legend(float width)
    {
        float room = width - Right - Top;
        List<List<int>> lines = [];
        float used = 0;
        for (int i = 0; i < curves.Length; i++)
        {
            float entry = Entry(curves[i].Name);
            if (lines.Count == 0 || used + entry > room + Apart)
            {
                lines.Add([]);
                used = 0;
            }

            lines[^1].Add(i);
            used += entry;
        }

        return lines.Count <= 1 && Font.Width(Title) + Apart + used <= room ? [] : lines;
    }

    private void DrawLegend(ICanvas canvas, List<List<int>> lines, float left, float width)
    {
        float x = width - Right - curves.Sum(curve => Entry(curve.Name)) + Apart, y = 10;
        for (int line = 0; line < Math.Max(1, lines.Count); line++)
        {
            if (lines.Count > 0)
            {
                (x, y) = (left, Top + (Line * line));
            }

            foreach (int i in lines.Count > 0 ? lines[line] : Enumerable.Range(0, curves.Length))
            {
                canvas.Line([(x, y), (x + Stroke, y)], ColourOf(i), 3);
                canvas.Text(x + Stroke + Gap, y, curves[i].Name, Anchor.Left);
                x += Entry(curves[i].Name);
            }
        }
    }
}
