using System.Buffers.Binary;

namespace Fovea.Core.Formats;

/// <summary>
/// Writes frames as an animated PNG (third edition of the standard): the first is an ordinary image for readers that
/// know no animation, the others are chunks that such readers skip.
/// </summary>
internal static class PngAnimation
{
    public static void Encode(Stream stream, IReadOnlyList<Raster> frames, int milliseconds, int times)
    {
        Raster first = frames[0];
        var header = new PngHeader(first.Width, first.Height, 8, PngColour.Rgb, Interlaced: false);
        stream.Write(PngChunks.Signature);
        PngChunks.Write(stream, "IHDR", header.ToBytes());
        PngChunks.Write(stream, "acTL", [.. BigEndian(frames.Count), .. BigEndian(times)]);
        int sequence = 0;
        for (int i = 0; i < frames.Count; i++)
        {
            PngChunks.Write(stream, "fcTL", Control(sequence++, first, milliseconds));
            using MemoryStream data = PngEncoder.Compressed(frames[i].ToRgb(), header, colours: null);
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

    // Number, size, place, duration as a fraction of a second; the frame replaces all that was there.
    private static byte[] Control(int sequence, Raster frame, int milliseconds) =>
    [
        .. BigEndian(sequence), .. BigEndian(frame.Width), .. BigEndian(frame.Height), .. BigEndian(0), .. BigEndian(0),
        (byte)(milliseconds >> 8), (byte)milliseconds, 1000 >> 8, 1000 & 255, 0, 0,
    ];

    private static byte[] BigEndian(int value)
    {
        var bytes = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(bytes, value);
        return bytes;
    }
}
