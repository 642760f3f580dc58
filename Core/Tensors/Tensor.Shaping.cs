using Fovea.Core.Shapes;

namespace Fovea.Core.Tensors;

public sealed partial class Tensor
{
    /// <summary>The same buffer under another shape of as many elements.</summary>
    /// <exception cref="ShapeException">The numbers of elements differ.</exception>
    public Tensor Reshape(Shape shape)
    {
        ArgumentNullException.ThrowIfNull(shape);
        return shape.Count == Count
            ? new Tensor(shape, Vector)
            : throw new ShapeException("reshape", $"{Shape} has {Count:N0} elements and {shape} has {shape.Count:N0}", "the numbers must be equal");
    }

    /// <summary>The same buffer under other extents of as many elements; one of them may be −1 and is then worked out.</summary>
    /// <exception cref="ShapeException">The numbers of elements differ, or the −1 cannot be worked out.</exception>
    public Tensor Reshape(params int[] extents)
    {
        ArgumentNullException.ThrowIfNull(extents);
        int open = Array.IndexOf(extents, -1);
        if (open < 0)
        {
            return Reshape(new Shape(extents));
        }

        string asked = $"({string.Join(", ", extents)})";
        if (Array.LastIndexOf(extents, -1) != open)
        {
            throw new ShapeException("reshape", $"{asked} leaves more than one extent open", "write −1 once");
        }

        int[] filled = [.. extents];
        filled[open] = 1;
        int known = new Shape(filled).Count;
        if (known == 0 || Count % known != 0)
        {
            throw new ShapeException("reshape", $"the {Count:N0} elements of {Shape} do not divide into {asked}", "choose extents whose product divides them");
        }

        filled[open] = Count / known;
        return Reshape(new Shape(filled));
    }

    /// <summary>
    /// The same buffer with all axes from <paramref name="from"/> on made one: <c>Flatten()</c> is a vector,
    /// <c>Flatten(1)</c> a row for each image of a batch.
    /// </summary>
    /// <exception cref="ShapeException">There is no such axis.</exception>
    public Tensor Flatten(int from = 0)
    {
        int at = from == 0 ? 0 : Axis("flatten", from);
        int rows = 1;
        foreach (int extent in Shape.Extents[..at])
        {
            rows *= extent;
        }

        // Not Count / rows: a batch of no images still has images of some size.
        int columns = 1;
        foreach (int extent in Shape.Extents[at..])
        {
            columns *= extent;
        }

        return new Tensor(new Shape([.. Shape.Extents[..at], columns]), Vector);
    }

    /// <summary>The same buffer without an axis of extent 1.</summary>
    /// <exception cref="ShapeException">There is no such axis, or its extent is not 1.</exception>
    public Tensor Squeeze(int axis)
    {
        int at = Axis("squeeze", axis);
        return Shape[at] == 1
            ? Reshape(new Shape([.. Shape.Extents[..at], .. Shape.Extents[(at + 1)..]]))
            : throw new ShapeException("squeeze", $"axis {at} of {Shape} is not of extent 1", "choose one that is, or take one position of it");
    }

    /// <summary>The same buffer with an axis of extent 1 put in before <paramref name="axis"/>: an image becomes a batch by <c>Unsqueeze(0)</c>.</summary>
    /// <exception cref="ShapeException">There is no such place.</exception>
    public Tensor Unsqueeze(int axis)
    {
        int at = axis < 0 ? axis + Rank + 1 : axis;
        return at >= 0 && at <= Rank
            ? Reshape(new Shape([.. Shape.Extents[..at], 1, .. Shape.Extents[at..]]))
            : throw new ShapeException("unsqueeze", $"{Shape} has no place {axis} for an axis", $"use {-Rank - 1}..{Rank}");
    }

    /// <summary>A copy whose axis i is this tensor's axis <c>permutation[i]</c>: (0, 2, 3, 1) makes N×C×H×W into N×H×W×C.</summary>
    /// <exception cref="ShapeException">The permutation does not name every axis once.</exception>
    public Tensor Transpose(params int[] permutation)
    {
        ArgumentNullException.ThrowIfNull(permutation);
        if (permutation.Length == 0 && Rank == 2)
        {
            permutation = [1, 0];
        }

        if (!permutation.Order().SequenceEqual(Enumerable.Range(0, Rank)))
        {
            throw new ShapeException("transpose", $"({string.Join(", ", permutation)}) does not name each of the {Rank} axes of {Shape} once", $"give an order of {string.Join(", ", Enumerable.Range(0, Rank))}");
        }

        int[] strides = Strides();
        return Gathered(new Shape(Array.ConvertAll(permutation, axis => Shape[axis])), 0, Array.ConvertAll(permutation, axis => strides[axis]));
    }

    /// <summary>A copy with positions of <paramref name="value"/> put before and after along each axis, outermost first.</summary>
    /// <exception cref="ShapeException">There is not one pair for each axis, or a number is negative.</exception>
    public Tensor Pad(IReadOnlyList<(int Before, int After)> widths, float value = 0)
    {
        ArgumentNullException.ThrowIfNull(widths);
        if (widths.Count != Rank || widths.Any(width => width.Before < 0 || width.After < 0))
        {
            throw new ShapeException("pad", $"{Shape} takes {Rank} pairs of zero or more, got {string.Join(", ", widths)}", "give (before, after) for each axis");
        }

        var extents = new int[Rank];
        for (int axis = 0; axis < Rank; axis++)
        {
            extents[axis] = checked(widths[axis].Before + Shape[axis] + widths[axis].After);
        }

        Tensor padded = Full(new Shape(extents), value);
        int[] strides = padded.Strides();
        int offset = 0;
        for (int axis = 0; axis < Rank; axis++)
        {
            offset += widths[axis].Before * strides[axis];
        }

        Strided.Scatter(Values, padded.Values, offset, Shape.Extents, strides);
        return padded;
    }

    /// <summary>A copy with as many positions of <paramref name="value"/> put around the last two axes: an image's padding.</summary>
    /// <exception cref="ShapeException">There are fewer than two axes, or the number is negative.</exception>
    public Tensor PadImage(int around, float value = 0) =>
        Rank < 2
            ? throw new ShapeException("pad", $"{Shape} is no image", "give a tensor whose last two axes are height and width")
            : Pad([.. Enumerable.Repeat((0, 0), Rank - 2), (around, around), (around, around)], value);
}
