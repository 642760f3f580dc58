using System.Globalization;
using System.Text;

namespace Fovea.Core.Formats;

/// <summary>
/// Reads and writes the simplest image files: PGM (grey) and PPM (RGB), of 8 or 16 bits, in bytes (P5, P6); their
/// variants in letters (P2, P3) are read too. Samples are stretched to the full 8 or 16 bits.
/// </summary>
public static class Netpbm
{
    /// <summary>Reads a PGM or PPM image.</summary>
    /// <param name="stream">The file; it need not seek.</param>
    /// <param name="mostPixels">The most pixels to take memory for.</param>
    /// <exception cref="ImageFormatException">The bytes are not such a file, are damaged, or hold more pixels than allowed.</exception>
    public static Raster Read(Stream stream, long mostPixels = Png.PixelLimit)
    {
        ArgumentNullException.ThrowIfNull(stream);
        var reader = new Reader(stream);
        int kind = reader.Byte() == 'P' ? reader.Byte() - '0' : -1;
        if (kind is not (2 or 3 or 5 or 6))
        {
            throw new ImageFormatException("netpbm: the file does not begin with P2, P3, P5 or P6; give a PGM or PPM file");
        }

        int width = reader.Number("width"), height = reader.Number("height"), maximum = reader.Number("maximum");
        int channels = kind is 3 or 6 ? 3 : 1, depth = maximum > 255 ? 16 : 8;
        if (width < 1 || height < 1 || maximum is < 1 or > 65535)
        {
            throw new ImageFormatException($"netpbm: {width}×{height} pixels with a maximum of {maximum} are not an image");
        }

        long count = (long)width * height * channels;
        if ((long)width * height > mostPixels || count * (depth / 8) > Array.MaxLength)
        {
            throw new ImageFormatException($"netpbm: {width:N0}×{height:N0} pixels are more than the limit of {mostPixels:N0}; raise it if the file is trusted");
        }

        var bytes = new MemoryStream(); // It grows with what has come, not with what the header promises.
        for (long i = 0; i < count; i++)
        {
            int sample = kind < 4 ? reader.Number("sample") : depth == 8 ? reader.Byte() : (reader.Byte() << 8) | reader.Byte();
            if (sample > maximum)
            {
                throw new ImageFormatException($"netpbm: a sample of {sample} is above the maximum of {maximum}; the file is damaged");
            }

            int full = (int)((((long)sample * ((1 << depth) - 1)) + (maximum / 2)) / maximum);
            if (depth == 16)
            {
                bytes.WriteByte((byte)(full >> 8));
            }

            bytes.WriteByte((byte)full);
        }

        return new Raster(width, height, channels, depth, bytes.ToArray());
    }

    /// <summary>Writes a grey raster as PGM, one in colour as PPM. Alpha is not part of the format: white shows through.</summary>
    public static void Write(Stream stream, Raster raster)
    {
        ArgumentNullException.ThrowIfNull(stream);
        ArgumentNullException.ThrowIfNull(raster);
        Raster whole = raster.HasAlpha ? raster.ToRgb() : raster;
        string kind = whole.Channels == 1 ? "P5" : "P6";
        stream.Write(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{kind}\n{whole.Width} {whole.Height}\n{whole.Maximum}\n")));
        stream.Write(whole.Bytes);
    }

    /// <summary>Reads an image file.</summary>
    /// <exception cref="ImageFormatException">As <see cref="Read"/>, with the file's name.</exception>
    public static Raster Load(string path, long mostPixels = Png.PixelLimit)
    {
        using FileStream file = File.OpenRead(path);
        try
        {
            return Read(file, mostPixels);
        }
        catch (ImageFormatException fault)
        {
            throw new ImageFormatException($"{path}: {fault.Message}", fault);
        }
    }

    /// <summary>Writes an image file, whole or not at all.</summary>
    public static void Save(string path, Raster raster) => AtomicFile.Write(path, file => Write(file, raster));

    private sealed class Reader(Stream stream)
    {
        private readonly byte[] block = new byte[1 << 14];
        private int at;
        private int filled;

        public int Byte()
        {
            int value = Next();
            return value >= 0 ? value : throw new ImageFormatException("netpbm: the file ends too early; it is cut short");
        }

        // A whole number, with white space and comments before it and one white space after it.
        public int Number(string what)
        {
            int next = Byte();
            while (char.IsWhiteSpace((char)next) || next == '#')
            {
                for (bool comment = next == '#'; comment && next is not ('\n' or '\r');)
                {
                    next = Byte();
                }

                next = Byte();
            }

            long number = 0;
            int digits = 0;
            for (; next is >= '0' and <= '9' && digits < 10; digits++)
            {
                number = (number * 10) + (next - '0');
                next = Next();
            }

            return digits > 0 && number <= int.MaxValue && (next < 0 || char.IsWhiteSpace((char)next))
                ? (int)number
                : throw new ImageFormatException($"netpbm: the {what} is not a number; the file is damaged");
        }

        private int Next()
        {
            if (at == filled)
            {
                (at, filled) = (0, stream.Read(block));
            }

            return at < filled ? block[at++] : -1;
        }
    }
}
