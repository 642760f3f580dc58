namespace Fovea.Core.Tensors;

/// <summary>Walks over a row-major buffer by extents and strides: what slices, transposes and flips share.</summary>
internal static class Strided
{
    /// <summary>The distance in elements between neighbours along each axis of a row-major array.</summary>
    public static int[] RowMajor(ReadOnlySpan<int> extents)
    {
        var strides = new int[extents.Length];
        int stride = 1;
        for (int axis = extents.Length - 1; axis >= 0; axis--)
        {
            strides[axis] = stride;
            stride *= extents[axis];
        }

        return strides;
    }

    /// <summary>Copies the elements that the extents and strides name, in row-major order, to a dense buffer.</summary>
    public static void Gather(ReadOnlySpan<float> source, int offset, ReadOnlySpan<int> extents, ReadOnlySpan<int> strides, Span<float> destination)
    {
        if (destination.IsEmpty)
        {
            return;
        }

        if (extents.IsEmpty)
        {
            destination[0] = source[offset];
            return;
        }

        int extent = extents[0];
        int stride = strides[0];
        if (extents.Length > 1)
        {
            int part = destination.Length / extent;
            for (int i = 0; i < extent; i++)
            {
                Gather(source, offset + (i * stride), extents[1..], strides[1..], destination.Slice(i * part, part));
            }
        }
        else if (stride == 1)
        {
            source.Slice(offset, extent).CopyTo(destination);
        }
        else
        {
            for (int i = 0; i < extent; i++)
            {
                destination[i] = source[offset + (i * stride)];
            }
        }
    }

    /// <summary>The reverse of <see cref="Gather"/>: spreads a dense buffer over the named elements.</summary>
    public static void Scatter(ReadOnlySpan<float> source, Span<float> destination, int offset, ReadOnlySpan<int> extents, ReadOnlySpan<int> strides)
    {
        if (source.IsEmpty)
        {
            return;
        }

        if (extents.IsEmpty)
        {
            destination[offset] = source[0];
            return;
        }

        int part = source.Length / extents[0];
        for (int i = 0; i < extents[0]; i++)
        {
            if (extents.Length == 1)
            {
                destination[offset + (i * strides[0])] = source[i];
            }
            else
            {
                Scatter(source.Slice(i * part, part), destination, offset + (i * strides[0]), extents[1..], strides[1..]);
            }
        }
    }
}
