using Fovea.Core.Shapes;
using static System.FormattableString;

namespace Fovea.Core.Data;

/// <summary>
/// Moves an image by up to some pixels up or down and left or right, every offset equally likely: the same as padding
/// all sides by as many pixels and cropping at random.
/// </summary>
public sealed class Shift : Augmentation
{
    /// <summary>A shift by up to <paramref name="pixels"/> either way along both axes.</summary>
    public Shift(int pixels, Border border = Border.Zeros)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(pixels);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(pixels, short.MaxValue);
        Pixels = pixels;
        Border = border;
    }

    /// <summary>The largest move along an axis.</summary>
    public int Pixels { get; }

    /// <summary>What comes in from beyond the border.</summary>
    public Border Border { get; }

    /// <inheritdoc/>
    public override string Name =>
        Border == Border.Zeros ? Invariant($"shift {Pixels}") : Invariant($"shift ({Pixels}, {Border})");

    /// <inheritdoc/>
    public override void Apply(ReadOnlySpan<float> source, Span<float> target, Shape image, in Draws draws)
    {
        int down = draws.Below(0, (2 * Pixels) + 1) - Pixels;
        int right = draws.Below(1, (2 * Pixels) + 1) - Pixels;
        ImageMoves.Move(source, target, image, down, right, Border);
    }
}
