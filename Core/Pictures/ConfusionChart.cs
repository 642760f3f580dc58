using System.Globalization;
using Fovea.Core.Shapes;
using Fovea.Core.Tensors;

namespace Fovea.Core.Pictures;

/// <summary>
/// How often each true class was taken for each class: a row for each true class, a column for each predicted one,
/// coloured by the row's share.
/// </summary>
public sealed class ConfusionChart : Chart
{
    private const int Cell = 40;
    private const int CellHeight = 18;
    private const float Top = 54;
    private readonly Tensor counts;
    private readonly string[] names;

    /// <summary>Creates the chart of counts (true class, predicted class).</summary>
    /// <exception cref="ShapeException">The counts are not square, empty, or not of as many classes as there are names.</exception>
    public ConfusionChart(string title, Tensor counts, IEnumerable<string> names)
        : this(title, counts, [.. names]) { }

    private ConfusionChart(string title, Tensor counts, string[] names)
        : base(title, (Cell * names.Length) + 24 + NameWidth(names), (CellHeight * names.Length) + (int)Top + 12)
    {
        ArgumentNullException.ThrowIfNull(counts);
        if (counts.Rank != 2 || counts.Shape[0] != counts.Shape[1] || counts.Shape[0] != names.Length || names.Length == 0)
        {
            throw new ShapeException("confusion", $"expected counts (classes, classes) and as many names, got {counts.Shape} and {names.Length} names", "give one row and one column for each class");
        }

        (this.counts, this.names) = (counts, names);
    }

    internal override void Draw(ICanvas canvas, float width, float height)
    {
        float left = 12 + NameWidth(names), cell = (width - left - 12) / names.Length, row = (height - Top - 12) / names.Length;
        canvas.Text(12, 10, Title, Anchor.Left);
        canvas.Text(left - 6, Top - 10, "true", Anchor.Right);
        canvas.Text((left + width - 12) / 2, Top - 26, "predicted", Anchor.Middle);
        for (int i = 0; i < names.Length; i++)
        {
            float middle = Top + (row * (i + 0.5f));
            canvas.Text(left - 6, middle, Font.Cut(names[i], NameWidth(names)), Anchor.Right);
            canvas.Text(left + (cell * (i + 0.5f)), Top - 10, Font.Cut(names[i], (int)cell - 2), Anchor.Middle);
            float all = counts.Take(i).Sum();
            for (int j = 0; j < names.Length; j++)
            {
                // Nothing is drawn for nothing: white cells would glare on a dark page.
                if (counts[i, j] == 0)
                {
                    continue;
                }

                float share = all == 0 ? 0 : counts[i, j] / all;
                Colour colour = Colour.White.Mix(ColourOf(i == j ? 0 : 1), MathF.Sqrt(Math.Clamp(share, 0, 1)));
                canvas.Rectangle(left + (cell * j) + 0.5f, Top + (row * i) + 0.5f, cell - 1, row - 1, colour);
                string text = counts[i, j].ToString("0.##", CultureInfo.InvariantCulture);
                canvas.Text(left + (cell * (j + 0.5f)), middle, text, Anchor.Middle, colour.Luma > 0.55f ? Colour.Black : Colour.White);
            }
        }
    }

    private static int NameWidth(string[] names) => Math.Clamp(names.Select(Font.Width).DefaultIfEmpty(0).Max(), Font.Width("true"), 120);
}
