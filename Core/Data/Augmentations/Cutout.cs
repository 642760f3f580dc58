using Fovea.Core.Shapes;
using static System.FormattableString;

namespace Fovea.Core.Data;

/// <summary>
/// Covers a square whose centre is any pixel with equal chance; what reaches beyond the border is cut off (DeVries and
/// Taylor, "Improved regularization of convolutional neural networks with cutout", 2017).
/// </summary>
public sealed class Cutout : Augmentation
{
    /// <summary>A cutout of <paramref name="size"/> × <paramref name="size"/> pixels.</summary>
    /// <param name="size">The side of the square in pixels.</param>
    /// <param name="fill">The value that covers it, in all channels: mid-grey, near the mean of most images.</param>
    public Cutout(int size, float fill = 0.5f)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(size);
        Size = size;
        Fill = fill;
    }

    /// <summary>The side of the square in pixels.</summary>
    public int Size { get; }

    /// <summary>The value that covers it, in all channels.</summary>
    public float Fill { get; }

    /// <inheritdoc/>
    public override string Name => Invariant($"cutout {Size}");

    /// <inheritdoc/>
    public override void Apply(ReadOnlySpan<float> source, Span<float> target, Shape image, in Draws draws)
    {
        ArgumentNullException.ThrowIfNull(image);
        source.CopyTo(target);
        int height = image[1], width = image[2];
        (int top, int bottom) = Covered(draws.Below(0, height), height);
        (int left, int right) = Covered(draws.Below(1, width), width);
        for (int c = 0; c < image[0]; c++)
        {
            for (int y = top; y < bottom; y++)
            {
                target[((((c * height) + y) * width) + left)..((((c * height) + y) * width) + right)].Fill(Fill);
            }
        }
    }

    private (int From, int To) Covered(int centre, int extent)
    {
        long from = centre - (Size / 2);
        return ((int)Math.Clamp(from, 0, extent), (int)Math.Clamp(from + Size, 0, extent));
    }
}
