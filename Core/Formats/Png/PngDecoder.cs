using System.Buffers.Binary;
using System.IO.Compression;

namespace Fovea.Core.Formats;

/// <summary>Decodes a PNG file. Everything that a length or a size claims is checked before memory is taken for it.</summary>
internal static class PngDecoder
{
    private const int BestDeflateRatio = 1032; // Deflate makes no more of a byte.

    public static Raster Decode(Stream stream, long mostPixels)
    {
        var chunks = new PngChunks(stream);
        chunks.ReadSignature();
        PngHeader header = Header(chunks, mostPixels);
        var palette = new PngPalette();
        using var compressed = new MemoryStream();
        bool closed = false; // Whether the image's data has come and another chunk after it.
        for (chunks.Next(); chunks.Type != "IEND"; chunks.Next())
        {
            closed = Take(chunks, header, palette, compressed, closed);
        }

        chunks.Read(0);
        if (compressed.Length == 0 || (header.Colour == PngColour.Palette && palette.Count == 0))
        {
            throw new ImageFormatException($"png: the file has no {(compressed.Length == 0 ? "image data" : "palette")}");
        }

        return Pixels(header, palette, compressed);
    }

    private static PngHeader Header(PngChunks chunks, long mostPixels)
    {
        chunks.Next();
        if (chunks.Type != "IHDR")
        {
            throw new ImageFormatException($"png: the first chunk is {chunks.Type} instead of the header");
        }

        PngHeader header = PngHeader.Read(chunks.Read(PngHeader.Length));
        long pixels = (long)header.Width * header.Height;
        if (pixels > mostPixels || pixels * 4 * Math.Max(1, header.Depth / 8) > Array.MaxLength)
        {
            throw new ImageFormatException($"png: {header.Width:N0}×{header.Height:N0} pixels are more than the limit of {mostPixels:N0}; raise it if the file is trusted");
        }

        return header;
    }

    private static bool Take(PngChunks chunks, PngHeader header, PngPalette palette, MemoryStream compressed, bool closed)
    {
        bool dataHasCome = compressed.Length > 0;
        switch (chunks.Type)
        {
            case "IDAT" when !closed:
                // Stored without compression, the data is hardly longer than the image; what is much longer is an attack.
                if (compressed.Length + chunks.Length > (2 * header.RawBytes()) + (1 << 16))
                {
                    throw new ImageFormatException($"png: there is more image data than {header.Width}×{header.Height} pixels can need");
                }

                chunks.Copy(compressed);
                return false;
            case "PLTE" when !dataHasCome:
                palette.SetColours(header, chunks.Read(3 * 256));
                return false;
            case "tRNS" when !dataHasCome:
                palette.SetTransparency(header, chunks.Read(256));
                return false;
            default:
                if (chunks.IsCritical || chunks.Type == "tRNS")
                {
                    throw new ImageFormatException($"png: chunk {chunks.Type} is unknown or out of place; the file is damaged or of another kind");
                }

                chunks.Copy(null);
                return dataHasCome;
        }
    }

    private static Raster Pixels(PngHeader header, PngPalette palette, MemoryStream compressed)
    {
        long raw = header.RawBytes();
        if (raw > (compressed.Length * BestDeflateRatio) + BestDeflateRatio)
        {
            throw new ImageFormatException($"png: {compressed.Length:N0} bytes of image data cannot hold {header.Width:N0}×{header.Height:N0} pixels; the file is damaged");
        }

        uint expected = compressed.Length < 4 ? 0 : BinaryPrimitives.ReadUInt32BigEndian(compressed.GetBuffer().AsSpan((int)compressed.Length - 4, 4));
        uint adler = 1;
        compressed.Position = 0;
        var pixels = new PngPixels(header, palette);
        try
        {
            using var data = new ZLibStream(compressed, CompressionMode.Decompress, leaveOpen: true);
            foreach (PngPass pass in header.Passes())
            {
                int length = (int)header.RowBytes(pass.Width);
                var row = new byte[length + 1];
                var above = new byte[length + 1];
                for (int y = 0; y < pass.Height; y++)
                {
                    if (data.ReadAtLeast(row, row.Length, throwOnEndOfStream: false) < row.Length)
                    {
                        throw new ImageFormatException("png: the image data ends too early; the file is cut short");
                    }

                    adler = Adler32.Append(adler, row);
                    PngFilter.Undo(row[0], row.AsSpan(1), above.AsSpan(1), header.Step);
                    pixels.Place(row.AsSpan(1), pass, y);
                    (row, above) = (above, row);
                }
            }

            if (data.ReadByte() >= 0)
            {
                throw new ImageFormatException("png: there is more image data than pixels");
            }
        }
        catch (Exception fault) when (Inflating.IsDamage(fault))
        {
            throw new ImageFormatException("png: the image data cannot be decompressed; the file is damaged", fault);
        }

        return adler == expected ? pixels.Raster : throw new ImageFormatException("png: the image data does not have its checksum; the file is damaged");
    }
}
