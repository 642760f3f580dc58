using Fovea.Core.Shapes;

namespace Fovea.Core.Data;

/// <summary>How pixels of another size are made.</summary>
public enum ResizeMethod
{
    /// <summary>Each is a copy of the pixel that its centre falls into.</summary>
    Nearest,

    /// <summary>Each is mixed from the four around its centre; centres are matched, as with PyTorch's <c>align_corners=False</c>.</summary>
    Bilinear,

    /// <summary>Each is the mean of what it covers, so that nothing is left out where an image becomes smaller.</summary>
    Area,
}

/// <summary>
/// One axis in another size: each new position as a sum of old ones, weighted. Images are resampled along their rows and
/// then along their columns.
/// </summary>
internal sealed class Resampling
{
    private readonly (int Start, float[] Weights)[] taps;
    private readonly int length;

    private Resampling(int length, (int Start, float[] Weights)[] taps) => (this.length, this.taps) = (length, taps);

    /// <summary>From so many positions to so many others.</summary>
    public static Resampling Of(ResizeMethod method, int length, int outputs) =>
        new(length, [.. Enumerable.Range(0, outputs).Select(o => Tap(method, (double)length / outputs, o, length))]);

    /// <summary>An image C×H×W of bytes in another size.</summary>
    /// <param name="source">The image.</param>
    /// <param name="channels">C.</param>
    /// <param name="rows">How the height changes.</param>
    /// <param name="columns">How the width changes.</param>
    /// <param name="target">Room for the image in its new size.</param>
    public static void Image(ReadOnlySpan<byte> source, int channels, Resampling rows, Resampling columns, Span<byte> target)
    {
        float[] pixels = new float[source.Length];
        for (int i = 0; i < pixels.Length; i++)
        {
            pixels[i] = source[i];
        }

        float[] narrow = columns.Along(pixels, channels * rows.length, 1);
        float[] resized = rows.Along(narrow, channels, columns.taps.Length);
        for (int i = 0; i < resized.Length; i++)
        {
            target[i] = (byte)Math.Clamp(MathF.Round(resized[i], MidpointRounding.AwayFromZero), 0, 255);
        }
    }

    /// <summary>The axis of values outer × length × inner in its new length.</summary>
    public float[] Along(ReadOnlySpan<float> values, int outer, int inner)
    {
        float[] result = new float[outer * taps.Length * inner];
        for (int o = 0; o < outer; o++)
        {
            for (int t = 0; t < taps.Length; t++)
            {
                Span<float> sum = result.AsSpan(((o * taps.Length) + t) * inner, inner);
                (int start, float[] weights) = taps[t];
                for (int w = 0; w < weights.Length; w++)
                {
                    ReadOnlySpan<float> line = values.Slice(((o * length) + start + w) * inner, inner);
                    for (int i = 0; i < inner; i++)
                    {
                        sum[i] += weights[w] * line[i];
                    }
                }
            }
        }

        return result;
    }

    /// <summary>The size that fills a wanted one whatever the proportions: the smaller of both scales that leaves no gap.</summary>
    public static Size Covering(Size image, Size wanted)
    {
        double scale = Math.Max((double)wanted.Height / image.Height, (double)wanted.Width / image.Width);
        return new Size(Scaled(image.Height, wanted.Height), Scaled(image.Width, wanted.Width));

        int Scaled(int length, int least) => (int)Math.Clamp(Math.Round(length * scale), least, int.MaxValue);
    }

    private static (int Start, float[] Weights) Tap(ResizeMethod method, double step, int output, int length)
    {
        switch (method)
        {
            case ResizeMethod.Nearest:
                return (Math.Min((int)((output + 0.5) * step), length - 1), [1]);
            case ResizeMethod.Bilinear:
                double at = Math.Clamp(((output + 0.5) * step) - 0.5, 0, length - 1);
                int low = (int)at;
                return low + 1 < length ? (low, [(float)(1 - (at - low)), (float)(at - low)]) : (low, [1]);
            default:
                double from = output * step, to = Math.Min((output + 1) * step, length);
                int first = (int)from, last = Math.Min((int)Math.Ceiling(to - 1e-9), length);
                return (first, [.. Enumerable.Range(first, Math.Max(1, last - first)).Select(i => (float)((Math.Min(to, i + 1) - Math.Max(from, i)) / (to - from)))]);
        }
    }
}
