using System.Globalization;
using Fovea.Core.Tensors;

namespace Fovea.Core.Pictures;

/// <summary>Named numbers as bars from zero, one below the other; or how often numbers fall into bins.</summary>
public sealed class BarChart : Chart
{
    private const float Top = 24;
    private const int RowHeight = 16;
    private readonly string[] names;
    private readonly float[] values;

    /// <summary>Creates a chart with a bar for each name.</summary>
    /// <exception cref="ArgumentException">There are not as many names as values.</exception>
    public BarChart(string title, IEnumerable<string> names, IEnumerable<float> values)
        : this(title, [.. names], [.. values]) { }

    private BarChart(string title, string[] names, float[] values)
        : base(title, 480, (int)Top + 12 + (RowHeight * names.Length))
    {
        (this.names, this.values) = (names, values);
        if (names.Length != values.Length)
        {
            throw new ArgumentException($"bar chart: {names.Length} names and {values.Length} values");
        }
    }

    internal override void Draw(ICanvas canvas, float width, float height)
    {
        canvas.Text(10, 10, Title, Anchor.Left);
        if (names.Length == 0)
        {
            return;
        }

        string[] numbers = Array.ConvertAll(values, value => value.ToString("0.###", CultureInfo.InvariantCulture));
        float left = 16 + Math.Min(width / 3, names.Max(Font.Width));
        Axis axis = Axis.Over(values.Append(0), left, width - 16 - numbers.Max(Font.Width));
        float row = (height - Top - 12) / names.Length;
        for (int i = 0; i < names.Length; i++)
        {
            float middle = Top + (row * (i + 0.5f));
            float end = float.IsFinite(values[i]) ? axis.At(values[i]) : axis.At(0);
            canvas.Text(left - 6, middle, Font.Cut(names[i], (int)left - 10), Anchor.Right);
            canvas.Rectangle(Math.Min(end, axis.At(0)), middle - (row * 0.35f), Math.Max(1, Math.Abs(end - axis.At(0))), row * 0.7f, ColourOf(values[i] < 0 ? 1 : 0));
            canvas.Text(Math.Max(end, axis.At(0)) + 6, middle, numbers[i], Anchor.Left);
        }

        canvas.Line([(axis.At(0), Top), (axis.At(0), height - 12)], null, 1, 0.6f);
    }
}

/// <summary>How many of a tensor's numbers fall into each of equal bins.</summary>
public sealed class Histogram : Chart
{
    private const float Top = 24;
    private const float Left = 14;
    private readonly ValueRange range;
    private readonly int unseen;

    /// <summary>Counts a tensor's numbers.</summary>
    /// <param name="title">What stands above it.</param>
    /// <param name="tensor">The numbers; those that are not finite are counted apart.</param>
    /// <param name="bins">The number of bins, 1 or more.</param>
    public Histogram(string title, Tensor tensor, int bins = 40)
        : base(title, 480, 200)
    {
        ArgumentNullException.ThrowIfNull(tensor);
        ArgumentOutOfRangeException.ThrowIfLessThan(bins, 1);
        range = ValueRange.Of(tensor);
        int[] counts = new int[bins];
        foreach (float value in tensor.Values)
        {
            if (float.IsFinite(value))
            {
                counts[Math.Min(bins - 1, (int)(range.Place(value) * bins))]++;
            }
            else
            {
                unseen++;
            }
        }

        Counts = counts;
    }

    /// <summary>The numbers in each bin, from the smallest on.</summary>
    public IReadOnlyList<int> Counts { get; }

    internal override void Draw(ICanvas canvas, float width, float height)
    {
        float bottom = height - 22, right = width - Left;
        float bar = (right - Left) / Counts.Count;
        int most = Math.Max(1, Counts.Max());
        canvas.Text(Left, 10, Title, Anchor.Left);
        canvas.Text(right, 10, $"{Counts.Sum():N0} values" + (unseen > 0 ? $", {unseen:N0} not finite" : ""), Anchor.Right);
        for (int i = 0; i < Counts.Count; i++)
        {
            float tall = (bottom - Top) * Counts[i] / most;
            canvas.Rectangle(Left + (i * bar), bottom - tall, Math.Max(1, bar - 1), tall, ColourOf(0));
        }

        canvas.Line([(Left, bottom), (right, bottom)], null, 1, 0.6f);
        foreach ((float x, string text) in Axis.Over([range.Low, range.High], Left, right).Marks(Math.Max(2, (int)(width / 80))))
        {
            canvas.Line([(x, bottom), (x, bottom + 4)], null, 1, 0.6f);
            canvas.Text(Axis.Inside(x, text, width), bottom + 11, text, Anchor.Middle);
        }
    }
}
