using System.IO.Compression;

namespace Fovea.Core.Formats;

/// <summary>Encodes a raster as PNG: each row by the filter that leaves the smallest differences, then deflated.</summary>
internal static class PngEncoder
{
    private const int DataChunk = 1 << 20;

    public static void Encode(Stream stream, Raster raster, bool interlaced)
    {
        PngColours? colours = PngColours.Of(raster);
        PngColour colour = colours is not null ? PngColour.Palette
            : raster.Channels switch { 1 => PngColour.Grey, 2 => PngColour.GreyAlpha, 3 => PngColour.Rgb, _ => PngColour.RgbAlpha };
        var header = new PngHeader(raster.Width, raster.Height, colours?.Depth ?? raster.Depth, colour, interlaced);

        stream.Write(PngChunks.Signature);
        PngChunks.Write(stream, "IHDR", header.ToBytes());
        if (colours is not null)
        {
            PngChunks.Write(stream, "PLTE", colours.Table);
            if (colours.Alphas.Length > 0)
            {
                PngChunks.Write(stream, "tRNS", colours.Alphas);
            }
        }

        using MemoryStream data = Compressed(raster, header, colours);
        ReadOnlySpan<byte> left = data.GetBuffer().AsSpan(0, (int)data.Length);
        while (!left.IsEmpty)
        {
            ReadOnlySpan<byte> part = left[..Math.Min(left.Length, DataChunk)];
            PngChunks.Write(stream, "IDAT", part);
            left = left[part.Length..];
        }

        PngChunks.Write(stream, "IEND", []);
    }

    /// <summary>The pixels as a header says, filtered and deflated.</summary>
    public static MemoryStream Compressed(Raster raster, PngHeader header, PngColours? colours, CompressionLevel level = CompressionLevel.Optimal)
    {
        var data = new MemoryStream();
        using var deflate = new ZLibStream(data, level, leaveOpen: true);
        foreach (PngPass pass in header.Passes())
        {
            int length = (int)header.RowBytes(pass.Width);
            var row = new byte[length];
            var above = new byte[length];
            var best = new byte[length + 1];
            var other = new byte[length + 1];
            for (int y = 0; y < pass.Height; y++)
            {
                Fill(row, raster, header, colours, pass, y);

                // Differences of palette numbers mean nothing.
                long least = long.MaxValue;
                for (int kind = 0; kind < (colours is null ? PngFilter.Kinds : 1); kind++)
                {
                    other[0] = (byte)kind;
                    PngFilter.Do(kind, row, above, header.Step, other.AsSpan(1));
                    long size = PngFilter.Size(other.AsSpan(1));
                    if (size < least)
                    {
                        (least, best, other) = (size, other, best);
                    }
                }

                deflate.Write(best);
                (row, above) = (above, row);
            }
        }

        deflate.Flush();
        deflate.Dispose();
        return data;
    }

    private static void Fill(Span<byte> row, Raster raster, PngHeader header, PngColours? colours, PngPass pass, int y)
    {
        int pixelBytes = raster.Channels * raster.Depth / 8;
        int from = (((pass.Y + (y * pass.StepY)) * raster.Width) + pass.X) * pixelBytes;
        if (colours is null && pass.StepX == 1)
        {
            raster.Bytes.AsSpan(from, pass.Width * pixelBytes).CopyTo(row);
            return;
        }

        row.Clear();
        for (int x = 0; x < pass.Width; x++, from += pass.StepX * pixelBytes)
        {
            ReadOnlySpan<byte> pixel = raster.Bytes.AsSpan(from, pixelBytes);
            if (colours is null)
            {
                pixel.CopyTo(row[(x * pixelBytes)..]);
            }
            else
            {
                int bit = x * header.Depth;
                row[bit / 8] |= (byte)(colours.Number(pixel) << (8 - header.Depth - (bit % 8)));
            }
        }
    }
}
