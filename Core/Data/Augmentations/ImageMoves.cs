using Fovea.Core.Shapes;

namespace Fovea.Core.Data;

/// <summary>Moves of whole images, without chance: what flips and shifts do once drawn, and what test-time views are.</summary>
public static class ImageMoves
{
    /// <summary>Mirrors left and right. Both spans are C×H×W.</summary>
    public static void Mirror(ReadOnlySpan<float> source, Span<float> target, Shape image)
    {
        ArgumentNullException.ThrowIfNull(image);
        source.CopyTo(target);
        for (int row = 0; row < source.Length; row += image[2])
        {
            target.Slice(row, image[2]).Reverse();
        }
    }

    /// <summary>
    /// Moves an image by whole pixels: target(y, x) = source(y − <paramref name="down"/>, x − <paramref name="right"/>).
    /// Both spans are C×H×W.
    /// </summary>
    /// <param name="source">The image.</param>
    /// <param name="target">Room for the moved one, another span than the source.</param>
    /// <param name="image">The shape of both: (C, H, W).</param>
    /// <param name="down">Rows to move down, or up where negative.</param>
    /// <param name="right">Columns to move right, or left where negative.</param>
    /// <param name="border">What comes in from beyond the border.</param>
    public static void Move(
        ReadOnlySpan<float> source,
        Span<float> target,
        Shape image,
        int down,
        int right,
        Border border)
    {
        ArgumentNullException.ThrowIfNull(image);
        int height = image[1], width = image[2];
        for (int c = 0; c < image[0]; c++)
        {
            for (int y = 0; y < height; y++)
            {
                Span<float> row = target.Slice(((c * height) + y) * width, width);
                int from = border.Source(y - down, height);
                if (from < 0)
                {
                    row.Clear();
                }
                else
                {
                    MoveRow(source.Slice(((c * height) + from) * width, width), row, right, border);
                }
            }
        }
    }

    private static void MoveRow(ReadOnlySpan<float> source, Span<float> target, int right, Border border)
    {
        int width = source.Length;
        int first = Math.Clamp(right, 0, width);
        int end = Math.Clamp(width + right, first, width);
        source.Slice(end > first ? first - right : 0, end - first).CopyTo(target[first..]);
        Outside(source, target[..first], 0, right, border);
        Outside(source, target[end..], end, right, border);
    }

    // The pixels of a row, from column x on, that are read beyond the border.
    private static void Outside(ReadOnlySpan<float> source, Span<float> target, int x, int right, Border border)
    {
        for (int i = 0; i < target.Length; i++)
        {
            int from = border.Source(x + i - right, source.Length);
            target[i] = from < 0 ? 0f : source[from];
        }
    }
}
