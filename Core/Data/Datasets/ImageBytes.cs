using System.Numerics;

namespace Fovea.Core.Data;

/// <summary>
/// The pixels of many images of one size, a byte each, N×C×H×W. They lie in segments of a few megabytes, so that there
/// may be more than an array holds (2 GB), and so that a reader takes memory only as pixels arrive, whatever number of
/// images a file claims to have.
/// </summary>
internal sealed class ImageBytes
{
    private const int SegmentBytes = 1 << 22;
    private readonly byte[]?[] segments;
    private readonly int shift;
    private readonly int mask;

    /// <summary>A place for <paramref name="count"/> images of <paramref name="imageSize"/> bytes, 1 or more.</summary>
    public ImageBytes(int count, int imageSize)
    {
        Count = count;
        ImageSize = imageSize;

        // A power of two of images a segment, so that finding one is a shift and a mask.
        shift = BitOperations.Log2((uint)Math.Max(1, SegmentBytes / imageSize));
        mask = (1 << shift) - 1;
        segments = new byte[(int)(((long)count + mask) >> shift)][];
    }

    /// <summary>The number of images.</summary>
    public int Count { get; }

    /// <summary>The bytes of an image: C·H·W.</summary>
    public int ImageSize { get; }

    /// <summary>The bytes of one image, C×H×W.</summary>
    public ReadOnlySpan<byte> this[int image] => segments[image >> shift].AsSpan((image & mask) * ImageSize, ImageSize);

    /// <summary>Room to write one image, C×H×W. Not for several threads at once.</summary>
    public Span<byte> Room(int image)
    {
        byte[] segment = segments[image >> shift] ??= new byte[Math.Min(mask + 1, Count - (image & ~mask)) * ImageSize];
        return segment.AsSpan((image & mask) * ImageSize, ImageSize);
    }
}
