namespace Fovea.Core.Shapes;

/// <summary>What stands beyond the border of an image. Of a b c d stands …</summary>
public enum Border
{
    /// <summary>Zeros: 0 0 | a b c d | 0 0.</summary>
    Zeros,

    /// <summary>The image mirrored at its outermost pixels, which are not repeated: c b | a b c d | c b.</summary>
    Reflect,

    /// <summary>The outermost pixels, repeated: a a | a b c d | d d.</summary>
    Replicate,

    /// <summary>The image once more, from its other side: c d | a b c d | a b.</summary>
    Circular,
}

/// <summary>What a <see cref="Border"/> reads.</summary>
public static class Borders
{
    /// <summary>The position of an axis that is read for any position, inside or beyond: −1 where a zero stands.</summary>
    /// <param name="border">What stands beyond the border.</param>
    /// <param name="position">The position, negative before the axis.</param>
    /// <param name="length">Positions of the axis, 1 or more.</param>
    public static int Source(this Border border, int position, int length)
    {
        if ((uint)position < (uint)length)
        {
            return position;
        }

        switch (border)
        {
            case Border.Reflect:
                // Reflection repeats every 2(n − 1) positions.
                int folded = Modulo(position, Math.Max(1, 2 * (length - 1)));
                return folded < length ? folded : (2 * (length - 1)) - folded;
            case Border.Replicate:
                return position < 0 ? 0 : length - 1;
            case Border.Circular:
                return Modulo(position, length);
            default:
                return -1;
        }
    }

    private static int Modulo(int a, int b) => ((a % b) + b) % b;
}
