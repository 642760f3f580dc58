using Fovea.Core.Shapes;

namespace Fovea.Core.Tensors;

public sealed partial class Tensor
{
    /// <summary>The element of a vector. Indices count from 0.</summary>
    /// <exception cref="ShapeException">The tensor has another number of axes, or an index is outside its extent.</exception>
    public float this[int i]
    {
        get => Values[At([i])];
        set => Values[At([i])] = value;
    }

    /// <inheritdoc cref="this[int]"/>
    /// <summary>The element of a matrix.</summary>
    public float this[int i, int j]
    {
        get => Values[At([i, j])];
        set => Values[At([i, j])] = value;
    }

    /// <inheritdoc cref="this[int]"/>
    /// <summary>The element of an image, channel first.</summary>
    public float this[int c, int y, int x]
    {
        get => Values[At([c, y, x])];
        set => Values[At([c, y, x])] = value;
    }

    /// <inheritdoc cref="this[int]"/>
    /// <summary>The element of a batch of images.</summary>
    public float this[int n, int c, int y, int x]
    {
        get => Values[At([n, c, y, x])];
        set => Values[At([n, c, y, x])] = value;
    }

    /// <inheritdoc cref="this[int]"/>
    /// <summary>The element at as many indices as there are axes.</summary>
    public float this[params int[] indices]
    {
        get => Values[At(indices)];
        set => Values[At(indices)] = value;
    }

    /// <summary>The one element of a tensor of one element, whatever its axes.</summary>
    /// <exception cref="ShapeException">There is not exactly one element.</exception>
    public float ToScalar() =>
        Count == 1 ? Values[0] : throw new ShapeException("scalar", $"{Shape} has {Count:N0} elements", "take one by its indices, or reduce first (Sum, Mean, Max)");

    /// <summary>The elements in row-major order, copied.</summary>
    public float[] ToArray() => (float[])Values.Clone();

    // The position in the buffer of the element at the indices.
    private int At(ReadOnlySpan<int> indices)
    {
        if (indices.Length != Rank)
        {
            throw new ShapeException("index", $"{Shape} takes {Rank} indices, got {indices.Length} ({string.Join(", ", indices.ToArray())})", "give one for each axis, or slice: t[0, *], Take, Slice");
        }

        int at = 0;
        ReadOnlySpan<int> extents = Shape.Extents;
        for (int axis = 0; axis < indices.Length; axis++)
        {
            if ((uint)indices[axis] >= (uint)extents[axis])
            {
                throw new ShapeException("index", $"index {indices[axis]} is outside axis {axis} of {Shape}", extents[axis] == 0 ? "that axis is empty" : $"use 0..{extents[axis] - 1}");
            }

            at = (at * extents[axis]) + indices[axis];
        }

        return at;
    }
}
