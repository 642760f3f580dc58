using Fovea.Core.Formats;
using Fovea.Core.Tensors;

namespace Fovea.Core.Pictures;

/// <summary>A picture: pixels in RGB with 8 bits each, rows from top to bottom.</summary>
public sealed class Image : IEquatable<Image>
{
    /// <summary>Creates an image over pixels, which it shares.</summary>
    /// <param name="width">Pixels in a row, 1 or more.</param>
    /// <param name="height">Rows, 1 or more.</param>
    /// <param name="pixels">Red, green and blue of each pixel.</param>
    /// <exception cref="ArgumentException">The sizes are out of range, or there are not three bytes for each pixel.</exception>
    public Image(int width, int height, byte[] pixels)
        : this(new Raster(width, height, 3, 8, pixels)) { }

    private Image(Raster raster) => (Width, Height, Pixels) = (raster.Width, raster.Height, raster.Bytes);

    /// <summary>Pixels in a row.</summary>
    public int Width { get; }

    /// <summary>Rows.</summary>
    public int Height { get; }

    /// <summary>Red, green and blue of each pixel: the image's own buffer.</summary>
    public byte[] Pixels { get; }

    /// <summary>A pixel's colour.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The pixel is outside the image.</exception>
    public Colour this[int x, int y]
    {
        get => new(Pixels[At(x, y)], Pixels[At(x, y) + 1], Pixels[At(x, y) + 2]);
        set => (Pixels[At(x, y)], Pixels[At(x, y) + 1], Pixels[At(x, y) + 2]) = (value.R, value.G, value.B);
    }

    /// <summary>An image of one colour.</summary>
    public static Image Blank(int width, int height, Colour colour)
    {
        var image = new Image(width, height, new byte[checked(width * height * 3)]);
        image.Fill(0, 0, width, height, colour);
        return image;
    }

    /// <summary>The image of a raster; what is transparent becomes white.</summary>
    public static Image OfRaster(Raster raster)
    {
        ArgumentNullException.ThrowIfNull(raster);
        return new(raster.ToRgb());
    }

    /// <summary>Reads a PNG file; what is transparent becomes white.</summary>
    /// <exception cref="ImageFormatException">The file is not a PNG file, or is damaged.</exception>
    public static Image Load(string path) => OfRaster(Png.Load(path));

    /// <summary>The image as a raster, over the same pixels.</summary>
    public Raster ToRaster() => new(Width, Height, 3, 8, Pixels);

    /// <summary>The tensor (3, height, width) of the pixels, from 0 to 1.</summary>
    public Tensor ToTensor() => ToRaster().ToTensor();

    /// <summary>The bytes of a PNG file.</summary>
    public byte[] ToPng()
    {
        using var stream = new MemoryStream();
        Png.Write(stream, ToRaster());
        return stream.ToArray();
    }

    /// <summary>Writes a PNG file, whole or not at all.</summary>
    public void Save(string path) => Png.Save(path, ToRaster());

    /// <summary>Fills a rectangle; what is outside the image is left out.</summary>
    public void Fill(int left, int top, int width, int height, Colour colour)
    {
        int right = (int)Math.Min(Width, (long)left + width), bottom = (int)Math.Min(Height, (long)top + height);
        (left, top) = (Math.Max(0, left), Math.Max(0, top));
        if (left >= right || top >= bottom)
        {
            return;
        }

        for (int x = left; x < right; x++)
        {
            this[x, top] = colour;
        }

        Span<byte> row = Pixels.AsSpan(At(left, top), (right - left) * 3);
        for (int y = top + 1; y < bottom; y++)
        {
            row.CopyTo(Pixels.AsSpan(At(left, y)));
        }
    }

    /// <summary>Draws another image with its top left corner at a place; what is outside is left out.</summary>
    public void Draw(Image image, int left, int top)
    {
        ArgumentNullException.ThrowIfNull(image);
        int first = Math.Max(0, -left);
        int count = Math.Min(image.Width, Width - left) - first;
        for (int y = Math.Max(0, -top); y < Math.Min(image.Height, Height - top) && count > 0; y++)
        {
            image.Pixels.AsSpan(image.At(first, y), count * 3).CopyTo(Pixels.AsSpan(At(left + first, top + y)));
        }
    }

    /// <summary>A copy of a rectangle.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The rectangle is not inside the image.</exception>
    public Image Crop(int left, int top, int width, int height)
    {
        if (left < 0 || top < 0 || width < 1 || height < 1 || left > Width - width || top > Height - height)
        {
            throw new ArgumentOutOfRangeException(nameof(left), $"crop: {width}×{height} at ({left}, {top}) is not inside {Width}×{Height}");
        }

        Image part = Blank(width, height, Colour.Black);
        part.Draw(this, -left, -top);
        return part;
    }

    /// <inheritdoc/>
    public bool Equals(Image? other) => other is not null && Width == other.Width && Height == other.Height && Pixels.AsSpan().SequenceEqual(other.Pixels);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as Image);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Width, Height, Pixels[0], Pixels[^1]);

    /// <summary>Its size.</summary>
    public override string ToString() => $"Image {Width}×{Height}";

    private int At(int x, int y) =>
        (uint)x < (uint)Width && (uint)y < (uint)Height
            ? ((y * Width) + x) * 3
            : throw new ArgumentOutOfRangeException(nameof(x), $"pixel ({x}, {y}) is outside {Width}×{Height}");
}
