using System.Buffers.Binary;

namespace Fovea.Core.Formats;

/// <summary>How a PNG file says what a pixel is: the numbers are the file's.</summary>
internal enum PngColour
{
    Grey = 0,
    Rgb = 2,
    Palette = 3,
    GreyAlpha = 4,
    RgbAlpha = 6,
}

/// <summary>The chunk IHDR: what the image's bytes are.</summary>
internal readonly record struct PngHeader(int Width, int Height, int Depth, PngColour Colour, bool Interlaced)
{
    public const int Length = 13;

    /// <summary>Samples of a pixel as it is stored.</summary>
    public int Channels =>
        Colour switch { PngColour.Rgb => 3, PngColour.GreyAlpha => 2, PngColour.RgbAlpha => 4, _ => 1 };

    /// <summary>Bytes from a sample to the same one of the pixel before, 1 when pixels are smaller than a byte.</summary>
    public int Step => Math.Max(1, Channels * Depth / 8);

    /// <summary>Bytes that a row of <paramref name="width"/> pixels takes, without the filter's byte.</summary>
    public long RowBytes(int width) => (((long)width * Channels * Depth) + 7) / 8;

    /// <summary>The passes in which the pixels come.</summary>
    public IEnumerable<PngPass> Passes() => PngPass.Of(Width, Height, Interlaced);

    /// <summary>All bytes of the image before compression, the filters' bytes counted.</summary>
    public long RawBytes()
    {
        PngHeader header = this;
        return Passes().Sum(pass => (1 + header.RowBytes(pass.Width)) * pass.Height);
    }

    public static PngHeader Read(ReadOnlySpan<byte> data)
    {
        if (data.Length != Length)
        {
            throw new ImageFormatException($"png: the header has {data.Length} bytes instead of {Length}");
        }

        uint width = BinaryPrimitives.ReadUInt32BigEndian(data);
        uint height = BinaryPrimitives.ReadUInt32BigEndian(data[4..]);
        if (width is 0 or > int.MaxValue || height is 0 or > int.MaxValue)
        {
            throw new ImageFormatException($"png: {width}×{height} pixels are not an image");
        }

        int depth = data[8];
        bool fits = data[9] switch
        {
            0 => depth is 1 or 2 or 4 or 8 or 16,
            3 => depth is 1 or 2 or 4 or 8,
            2 or 4 or 6 => depth is 8 or 16,
            _ => false,
        };
        if (!fits || data[10] != 0 || data[11] != 0 || data[12] > 1)
        {
            throw new ImageFormatException($"png: colour type {data[9]}, depth {depth}, compression {data[10]}, filter {data[11]}, interlace {data[12]} do not exist together");
        }

        return new((int)width, (int)height, depth, (PngColour)data[9], data[12] == 1);
    }

    public byte[] ToBytes()
    {
        var data = new byte[Length];
        BinaryPrimitives.WriteInt32BigEndian(data, Width);
        BinaryPrimitives.WriteInt32BigEndian(data.AsSpan(4), Height);
        data[8] = (byte)Depth;
        data[9] = (byte)Colour;
        data[12] = Interlaced ? (byte)1 : (byte)0;
        return data;
    }
}
