using System.Numerics;

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
        // The pixel on the left of the first one is zeros, and so is the one above it.
        int first = Math.Min(step, row.Length);
        for (int i = 0; i < first; i++)
        {
            differences[i] = (byte)(row[i] - Predict(kind, row, above, i, step));
        }

        ReadOnlySpan<byte> left = row[..^first], corner = above[..(row.Length - first)];
        row = row[first..];
        above = above.Slice(first, row.Length);
        differences = differences.Slice(first, row.Length);
        switch (kind)
        {
            case 0:
                row.CopyTo(differences);
                break;
            case 1:
                Subtract(row, left, differences);
                break;
            case 2:
                Subtract(row, above, differences);
                break;
            case 3:
                for (int i = 0; i < row.Length; i++)
                {
                    differences[i] = (byte)(row[i] - ((left[i] + above[i]) / 2));
                }

                break;
            default:
                for (int i = 0; i < row.Length; i++)
                {
                    differences[i] = (byte)(row[i] - Paeth(left[i], above[i], corner[i]));
                }

                break;
        }
    }

    /// <summary>The usual guess at how well a row deflates: the sum of its differences as signed bytes, without their signs.</summary>
    public static long Size(ReadOnlySpan<byte> differences)
    {
        long size = 0;
        int at = 0;
        for (; at <= differences.Length - Vector<byte>.Count; at += Vector<byte>.Count)
        {
            // −128 stays 128 as an unsigned byte.
            Vector<byte> sizes = Vector.AsVectorByte(Vector.Abs(Vector.AsVectorSByte(new Vector<byte>(differences[at..]))));
            Vector.Widen(sizes, out Vector<ushort> low, out Vector<ushort> high);
            size += Vector.Sum(low + high);
        }

        for (; at < differences.Length; at++)
        {
            size += Math.Abs((int)(sbyte)differences[at]);
        }

        return size;
    }

    private static void Subtract(ReadOnlySpan<byte> row, ReadOnlySpan<byte> from, Span<byte> differences)
    {
        int at = 0;
        for (; at <= row.Length - Vector<byte>.Count; at += Vector<byte>.Count)
        {
            (new Vector<byte>(row[at..]) - new Vector<byte>(from[at..])).CopyTo(differences[at..]);
        }

        for (; at < row.Length; at++)
        {
            differences[at] = (byte)(row[at] - from[at]);
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
