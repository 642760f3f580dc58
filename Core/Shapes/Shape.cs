using System.Collections;
using System.Collections.Immutable;

namespace Fovea.Core.Shapes;

/// <summary>
/// The extents of a tensor, outermost first: (N, C, H, W) for a batch of images. Extents are zero or more;
/// a shape without extents is that of a scalar. Two shapes are equal when their extents are.
/// </summary>
public sealed class Shape : IReadOnlyList<int>, IEquatable<Shape>
{
    private readonly ImmutableArray<int> extents;

    /// <summary>Creates a shape from its extents.</summary>
    /// <exception cref="ShapeException">An extent is negative, or there are more elements than an array holds.</exception>
    public Shape(params ReadOnlySpan<int> extents)
    {
        long count = 1;
        foreach (int extent in extents)
        {
            if (extent < 0)
            {
                throw new ShapeException("shape", $"an extent cannot be negative, got ({string.Join(", ", extents.ToArray())})", "use zero or more");
            }

            count = checked(count * extent);
            if (count > Array.MaxLength)
            {
                throw new ShapeException("shape", $"({string.Join(", ", extents.ToArray())}) has more elements than one array holds ({Array.MaxLength:N0})", "use a smaller batch");
            }
        }

        this.extents = [.. extents];
        Count = (int)count;
    }

    /// <summary>The shape of these extents: the constructor for callers without spans, such as F#.</summary>
    /// <exception cref="ShapeException">An extent is negative, or there are more elements than an array holds.</exception>
    public static Shape Of(params int[] extents) => new(extents.AsSpan());

    /// <summary>The scalar's shape, without extents.</summary>
    public static Shape Scalar { get; } = new();

    /// <summary>The number of elements: the product of the extents, 1 for a scalar.</summary>
    public int Count { get; }

    /// <summary>The number of extents.</summary>
    public int Rank => extents.Length;

    /// <summary>The extents as a span.</summary>
    public ReadOnlySpan<int> Extents => extents.AsSpan();

    int IReadOnlyCollection<int>.Count => Rank;

    /// <summary>The extent of an axis; negative axes count from the end.</summary>
    public int this[int axis]
    {
        get
        {
            int at = axis < 0 ? axis + Rank : axis;
            return at >= 0 && at < Rank
                ? extents[at]
                : throw new ShapeException("shape", $"{this} has no axis {axis}", $"use {-Rank}..{Rank - 1}");
        }
    }

    /// <summary>This shape with an extent put in front: an image's shape becomes a batch's.</summary>
    public Shape Prepend(int extent) => new([extent, .. extents]);

    /// <summary>This shape without its first extent: a batch's shape becomes an image's.</summary>
    public Shape Tail => Rank > 0 ? new(extents.AsSpan()[1..]) : throw new ShapeException("shape", "a scalar has no first axis", "reshape first");

    /// <summary>The extents as an array of their own.</summary>
    public int[] ToArray() => [.. extents];

    /// <inheritdoc/>
    public bool Equals(Shape? other) => other is not null && extents.AsSpan().SequenceEqual(other.extents.AsSpan());

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as Shape);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        HashCode hash = default;
        foreach (int extent in extents)
        {
            hash.Add(extent);
        }

        return hash.ToHashCode();
    }

    /// <summary>Whether two shapes have the same extents.</summary>
    public static bool operator ==(Shape? left, Shape? right) => left is null ? right is null : left.Equals(right);

    /// <summary>Whether two shapes differ.</summary>
    public static bool operator !=(Shape? left, Shape? right) => !(left == right);

    /// <inheritdoc/>
    public IEnumerator<int> GetEnumerator() => ((IEnumerable<int>)extents).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>The extents as a tuple is written: <c>(32, 3, 224, 224)</c>; one extent as <c>(128)</c>.</summary>
    public override string ToString() => $"({string.Join(", ", extents)})";
}
