namespace Fovea.Core.Formats;

/// <summary>
/// Reads and writes PNG (W3C, third edition): every colour type and bit depth, interlaced or not. Check values of
/// chunks and of the data are compared; chunks that are not needed for the pixels are skipped.
/// </summary>
public static class Png
{
    /// <summary>The most pixels that an image may have unless another limit is given: 100 million.</summary>
    public const long PixelLimit = 100_000_000;

    /// <summary>
    /// Reads an image. Samples of 1, 2 and 4 bits are stretched to 8, a palette becomes RGB, and transparency of any
    /// kind becomes an alpha channel. What follows the image in the stream is left unread.
    /// </summary>
    /// <param name="stream">The file; it need not seek.</param>
    /// <param name="mostPixels">The most pixels to take memory for.</param>
    /// <exception cref="ImageFormatException">The bytes are not a PNG file, are damaged, or hold more pixels than allowed.</exception>
    public static Raster Read(Stream stream, long mostPixels = PixelLimit)
    {
        ArgumentNullException.ThrowIfNull(stream);
        return PngDecoder.Decode(stream, mostPixels);
    }

    /// <summary>Writes an image. RGB images of at most 256 colours are written with a palette; nothing is lost by it.</summary>
    public static void Write(Stream stream, Raster raster, bool interlaced = false)
    {
        ArgumentNullException.ThrowIfNull(stream);
        ArgumentNullException.ThrowIfNull(raster);
        PngEncoder.Encode(stream, raster, interlaced);
    }

    /// <summary>Writes frames of one size as an animated PNG, in RGB; readers that know no animation show the first.</summary>
    /// <param name="stream">Where to.</param>
    /// <param name="frames">The frames, one or more.</param>
    /// <param name="milliseconds">How long each is shown, up to 65,535.</param>
    /// <param name="times">How often all are shown; 0 for without end.</param>
    /// <exception cref="ArgumentException">There is no frame, or their sizes differ.</exception>
    public static void WriteAnimation(Stream stream, IReadOnlyList<Raster> frames, int milliseconds, int times = 0)
    {
        ArgumentNullException.ThrowIfNull(stream);
        ArgumentNullException.ThrowIfNull(frames);
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)milliseconds, ushort.MaxValue, nameof(milliseconds));
        ArgumentOutOfRangeException.ThrowIfNegative(times);
        if (frames.Count == 0 || frames.Any(frame => (frame.Width, frame.Height) != (frames[0].Width, frames[0].Height)))
        {
            throw new ArgumentException($"animation: expected one frame or more, all of one size, got {frames.Count}");
        }

        PngAnimation.Encode(stream, frames, milliseconds, times);
    }

    /// <summary>Reads an image file.</summary>
    /// <exception cref="ImageFormatException">As <see cref="Read"/>, with the file's name.</exception>
    public static Raster Load(string path, long mostPixels = PixelLimit)
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
    public static void Save(string path, Raster raster, bool interlaced = false) =>
        AtomicFile.Write(path, file => Write(file, raster, interlaced));
}
