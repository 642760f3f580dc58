using System.Buffers.Binary;
using System.IO.Compression;

namespace Fovea.Core.Formats;

/// <summary>
/// Writes frames as an animated PNG (third edition of the standard): the first is an ordinary image for readers that
/// know no animation, the others are chunks that such readers skip: of each, the rectangle in which it differs from the one
/// before it.
/// </summary>
internal static class PngAnimation
{
    public static void Encode(Stream stream, IReadOnlyList<Raster> frames, int milliseconds, int times)
    {
        Raster first = frames[0];
        PngHeader header = Header(first);
        stream.Write(PngChunks.Signature);
        PngChunks.Write(stream, "IHDR", header.ToBytes());
        PngChunks.Write(stream, "acTL", [.. BigEndian(frames.Count), .. BigEndian(times)]);
        int sequence = 0;
        Raster before = first;
        for (int i = 0; i < frames.Count; i++)
        {
            Raster frame = frames[i].ToRgb();
            (int left, int top, Raster changed) = i == 0 ? (0, 0, frame) : Changed(before, frame);
            before = frame;
            PngChunks.Write(stream, "fcTL", Control(sequence++, left, top, changed, milliseconds));
            // A film is hundreds of small pictures: the quickest level takes a third of the time for a few more bytes.
            using MemoryStream data = PngEncoder.Compressed(changed, Header(changed), colours: null, CompressionLevel.Fastest);
            if (i == 0)
            {
                PngChunks.Write(stream, "IDAT", data.ToArray());
            }
            else
            {
                PngChunks.Write(stream, "fdAT", [.. BigEndian(sequence++), .. data.ToArray()]);
            }
        }

        PngChunks.Write(stream, "IEND", []);
    }

    private static PngHeader Header(Raster frame) => new(frame.Width, frame.Height, 8, PngColour.Rgb, Interlaced: false);

    // The smallest rectangle that holds all that two frames differ in; a pixel where they do not.
    private static (int Left, int Top, Raster Part) Changed(Raster before, Raster frame)
    {
        int stride = frame.Width * 3, top = -1, bottom = 0, first = stride, last = 0;
        for (int y = 0; y < frame.Height; y++)
        {
            ReadOnlySpan<byte> old = before.Bytes.AsSpan(y * stride, stride), now = frame.Bytes.AsSpan(y * stride, stride);
            int same = old.CommonPrefixLength(now);
            if (same < stride)
            {
                (top, bottom) = (top < 0 ? y : top, y);
                first = Math.Min(first, same);
                int end = stride;
                while (end > last && old[end - 1] == now[end - 1])
                {
                    end--;
                }

                last = Math.Max(last, end);
            }
        }

        if (top < 0)
        {
            return (0, 0, new Raster(1, 1, 3, 8, frame.Bytes[..3]));
        }

        int left = first / 3, width = ((last + 2) / 3) - left;
        byte[] part = new byte[width * (bottom + 1 - top) * 3];
        for (int y = top; y <= bottom; y++)
        {
            frame.Bytes.AsSpan((y * stride) + (left * 3), width * 3).CopyTo(part.AsSpan((y - top) * width * 3));
        }

        return (left, top, new Raster(width, bottom + 1 - top, 3, 8, part));
    }

    // Number, size, place, duration as a fraction of a second; the frame replaces all that was there.
    private static byte[] Control(int sequence, int left, int top, Raster frame, int milliseconds) =>
    [
        .. BigEndian(sequence), .. BigEndian(frame.Width), .. BigEndian(frame.Height), .. BigEndian(left), .. BigEndian(top),
        (byte)(milliseconds >> 8), (byte)milliseconds, 1000 >> 8, 1000 & 255, 0, 0,
    ];

    private static byte[] BigEndian(int value)
    {
        var bytes = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(bytes, value);
        return bytes;
    }
}
