namespace Fovea.Core.Formats;

/// <summary>Image files of the formats that are read, told apart by their first bytes: PNG, PPM and PGM.</summary>
public static class ImageFile
{
    /// <summary>What the names of such files end in.</summary>
    public static IReadOnlyList<string> Endings { get; } = [".png", ".ppm", ".pgm"];

    /// <summary>Reads an image from a stream, which must seek.</summary>
    /// <param name="stream">The file.</param>
    /// <param name="mostPixels">The most pixels to take memory for.</param>
    /// <exception cref="ImageFormatException">The bytes are no such file, are damaged, or hold more pixels than allowed.</exception>
    public static Raster Read(Stream stream, long mostPixels = Png.PixelLimit)
    {
        ArgumentNullException.ThrowIfNull(stream);
        long start = stream.Position;
        int first = stream.ReadByte();
        stream.Position = start;
        return first switch
        {
            0x89 => Png.Read(stream, mostPixels),
            'P' => Netpbm.Read(stream, mostPixels),
            _ => throw new ImageFormatException("image: the file is neither a PNG nor a PPM or PGM file; convert it to one of these"),
        };
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
}
