namespace Fovea.Core.Formats;

/// <summary>
/// The five ways in which a PNG row is written as differences: from nothing, from the pixel to the left, from the one
/// above, from the mean of both, and from whichever of left, above and above-left Paeth's rule predicts.
/// </summary>
internal static class PngFilter
{
    public const int Kinds = 5;

    /// <summary>Turns differences into a row, in place.</summary>
    /// <param name="kind">The filter, 0 to 4.</param>
    /// <param name="row">The differences; afterwards the row.</param>
    /// <param name="above">The row above; zeros above the first.</param>
    /// <param name="step">Bytes from a pixel to the next.</param>
    public static void Undo(int kind, Span<byte> row, ReadOnlySpan<byte> above, int step)
    {
        if (kind is < 0 or >= Kinds)
        {
            throw new ImageFormatException($"png: filter {kind} does not exist; expected 0 to {Kinds - 1}");
        }

        for (int i = 0; i < row.Length && kind != 0; i++)
        {
            row[i] += Predict(kind, row, above, i, step);
        }
    }

    /// <summary>Writes a row as differences.</summary>
    public static void Do(int kind, ReadOnlySpan<byte> row, ReadOnlySpan<byte> above, int step, Span<byte> differences)
    {
        for (int i = 0; i < row.Length; i++)
        {
            differences[i] = (byte)(row[i] - Predict(kind, row, above, i, step));
        }
    }

    private static byte Predict(int kind, ReadOnlySpan<byte> row, ReadOnlySpan<byte> above, int i, int step)
    {
        byte left = i >= step ? row[i - step] : (byte)0;
        return kind switch
        {
            1 => left,
            2 => above[i],
            3 => (byte)((left + above[i]) / 2),
            4 => Paeth(left, above[i], i >= step ? above[i - step] : (byte)0),
            _ => 0,
        };
    }

    // The neighbour nearest to left + above − above-left; the order of the comparisons is part of the format.
    private static byte Paeth(byte left, byte above, byte corner)
    {
        int fromLeft = Math.Abs(above - corner);
        int fromAbove = Math.Abs(left - corner);
        int fromCorner = Math.Abs(left + above - (2 * corner));
        return fromLeft <= fromAbove && fromLeft <= fromCorner ? left : fromAbove <= fromCorner ? above : corner;
    }
}
