using System.Globalization;

namespace Fovea.Core.Pictures;

/// <summary>Numbers along a line of pixels, with marks at round numbers.</summary>
internal readonly record struct Axis(double Low, double High, float From, float To)
{
    /// <summary>The axis over numbers, widened where they are all the same and cut to what can be drawn.</summary>
    public static Axis Over(IEnumerable<float> values, float from, float to)
    {
        double low = double.PositiveInfinity, high = double.NegativeInfinity;
        foreach (float value in values.Where(float.IsFinite))
        {
            (low, high) = (Math.Min(low, value), Math.Max(high, value));
        }

        return low > high ? new(0, 1, from, to)
            : low == high ? new(low - Math.Max(0.5, Math.Abs(low) / 10), high + Math.Max(0.5, Math.Abs(high) / 10), from, to)
            : new(low, high, from, to);
    }

    /// <summary>Where a number stands.</summary>
    public float At(double value) => (float)(From + ((value - Low) / (High - Low) * (To - From)));

    /// <summary>The same, up and down to the next marks.</summary>
    public Axis ToMarks(int most)
    {
        double step = Step(most);
        return this with { Low = Math.Floor(Low / step) * step, High = Math.Ceiling(High / step) * step };
    }

    /// <summary>Round numbers within, and what is written beside them.</summary>
    public IEnumerable<(float At, string Text)> Marks(int most, bool whole = false)
    {
        double step = Step(most);
        step = whole ? Math.Max(1, step) : step;
        int decimals = Math.Max(0, -(int)Math.Floor(Math.Log10(step) + 1e-9));
        Axis axis = this;
        bool plain = Math.Max(Math.Abs(Low), Math.Abs(High)) < 1e6 && decimals <= 6;
        double first = Math.Ceiling((Low / step) - 1e-6);
        double last = Math.Floor((High / step) + 1e-6);
        return Enumerable.Range(0, (int)(last - first) + 1)
            .Select(i => (first + i) * step)
            .Select(value => (axis.At(value), value.ToString(plain ? "F" + decimals : "0.##e0", CultureInfo.InvariantCulture)));
    }

    /// <summary>Where the middle of a text goes that is to stand at x and whole within the width.</summary>
    public static float Inside(float x, string text, float width)
    {
        float half = (Font.Width(text) / 2f) + 2;
        return Math.Max(half, Math.Min(x, width - half));
    }

    // 1, 2 or 5 times a power of ten: the smallest that makes no more steps than asked for.
    private double Step(int most)
    {
        double rough = (High - Low) / Math.Max(1, most);
        double power = Math.Pow(10, Math.Floor(Math.Log10(rough)));
        double[] rounds = [1, 2, 5, 10];
        return rounds.Select(round => round * power).First(step => step >= rough * (1 - 1e-9) || step >= power * 10);
    }
}
