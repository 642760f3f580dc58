using Fovea.Core.Shapes;
using static System.FormattableString;

namespace Fovea.Core.Data;

/// <summary>
/// A part of the image, of at least a share of its area and at any place, enlarged to the whole size (Szegedy et al.,
/// "Going deeper with convolutions", 2015; here the proportions stay). Pixels are mixed from the four around them.
/// </summary>
public sealed class RandomResizedCrop : Augmentation
{
    /// <summary>A crop of at least a share of the area.</summary>
    /// <param name="least">The smallest share, above 0 and at most 1.</param>
    public RandomResizedCrop(double least)
    {
        if (!(least > 0 && least <= 1))
        {
            throw new ArgumentOutOfRangeException(nameof(least), Invariant($"randomResizedCrop: expected a share of the area above 0 and at most 1, got {least}"));
        }

        Least = least;
    }

    /// <summary>The smallest share of the area.</summary>
    public double Least { get; }

    /// <inheritdoc/>
    public override string Name => Invariant($"randomResizedCrop {Least}");

    /// <inheritdoc/>
    public override void Apply(ReadOnlySpan<float> source, Span<float> target, Shape image, in Draws draws)
    {
        ArgumentNullException.ThrowIfNull(image);
        double side = Math.Sqrt(Least + ((1 - Least) * draws.Uniform(0)));
        int height = Math.Max(1, (int)Math.Round(image[1] * side)), width = Math.Max(1, (int)Math.Round(image[2] * side));
        int top = draws.Below(1, image[1] - height + 1), left = draws.Below(2, image[2] - width + 1);
        float[] part = new float[image[0] * height * width];
        for (int row = 0; row < image[0] * height; row++)
        {
            int y = (row / height * image[1]) + top + (row % height);
            source.Slice((y * image[2]) + left, width).CopyTo(part.AsSpan(row * width));
        }

        float[] wide = Resampling.Of(ResizeMethod.Bilinear, width, image[2]).Along(part, image[0] * height, 1);
        Resampling.Of(ResizeMethod.Bilinear, height, image[1]).Along(wide, image[0], image[2]).CopyTo(target);
    }
}
