using Fovea.Core.Shapes;
using Fovea.Core.Tensors;

namespace Fovea.Core.Formats;

/// <summary>
/// Pixels as image files have them: rows from top to bottom, channels side by side, 8 or 16 bits a sample. One channel
/// is grey, two are grey and alpha, three RGB, four RGB and alpha.
/// </summary>
public sealed class Raster
{
    /// <summary>Creates a raster over bytes, which it shares.</summary>
    /// <param name="width">Pixels in a row, 1 or more.</param>
    /// <param name="height">Rows, 1 or more.</param>
    /// <param name="channels">Samples of a pixel, 1 to 4.</param>
    /// <param name="depth">Bits of a sample, 8 or 16.</param>
    /// <param name="bytes">The samples; one of 16 bits is two bytes, the high one first.</param>
    /// <exception cref="ArgumentException">The sizes are out of range, or there are not as many bytes as they say.</exception>
    public Raster(int width, int height, int channels, int depth, byte[] bytes)
    {
        ArgumentNullException.ThrowIfNull(bytes);
        if (width < 1 || height < 1 || channels is < 1 or > 4 || depth is not (8 or 16))
        {
            throw new ArgumentException($"raster: expected a width and height of 1 or more, 1 to 4 channels and 8 or 16 bits, got {width}×{height}, {channels} and {depth}");
        }

        if (bytes.Length != (long)width * height * channels * (depth / 8))
        {
            throw new ArgumentException($"raster: {width}×{height} pixels of {channels} samples of {depth} bits take {(long)width * height * channels * (depth / 8):N0} bytes, got {bytes.Length:N0}");
        }

        (Width, Height, Channels, Depth, Bytes) = (width, height, channels, depth, bytes);
    }

    /// <summary>Pixels in a row.</summary>
    public int Width { get; }

    /// <summary>Rows.</summary>
    public int Height { get; }

    /// <summary>Samples of a pixel.</summary>
    public int Channels { get; }

    /// <summary>Bits of a sample: 8 or 16.</summary>
    public int Depth { get; }

    /// <summary>The samples: the raster's own buffer. One of 16 bits is two bytes, the high one first.</summary>
    public byte[] Bytes { get; }

    /// <summary>The largest value of a sample: 255 or 65,535.</summary>
    public int Maximum => (1 << Depth) - 1;

    /// <summary>Whether the last channel is alpha: opacity, from 0 for none.</summary>
    public bool HasAlpha => Channels is 2 or 4;

    /// <summary>Bytes in a row.</summary>
    public int Stride => Width * Channels * (Depth / 8);

    /// <summary>A sample.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such pixel or channel.</exception>
    public int this[int x, int y, int channel]
    {
        get
        {
            if ((uint)x >= (uint)Width || (uint)y >= (uint)Height || (uint)channel >= (uint)Channels)
            {
                throw new ArgumentOutOfRangeException(nameof(x), $"raster: ({x}, {y}), channel {channel}, is outside {Width}×{Height}×{Channels}");
            }

            return Sample((((y * Width) + x) * Channels) + channel);
        }
    }

    /// <summary>The tensor (channels, height, width) of the samples divided by their maximum: values from 0 to 1.</summary>
    public Tensor ToTensor()
    {
        Tensor tensor = Tensor.Zeros(new Shape(Channels, Height, Width));
        int pixels = Width * Height;
        float maximum = Maximum;
        for (int i = 0; i < pixels * Channels; i++)
        {
            tensor.Values[(i % Channels * pixels) + (i / Channels)] = Sample(i) / maximum;
        }

        return tensor;
    }

    /// <summary>
    /// The raster of a tensor (channels, height, width), or (height, width) for grey, whose 0 is black and whose 1 is
    /// the maximum; what is outside is clamped, NaN becomes 0, and the rest rounded to the nearest.
    /// </summary>
    /// <exception cref="ShapeException">The tensor is not an image of 1 to 4 channels and at least one pixel.</exception>
    public static Raster FromTensor(Tensor image, int depth = 8)
    {
        ArgumentNullException.ThrowIfNull(image);
        Tensor planes = image.Rank == 2 ? image.Unsqueeze(0) : image;
        if (planes.Rank != 3 || planes.Shape[0] is < 1 or > 4 || planes.Count == 0)
        {
            throw new ShapeException("image", $"expected (channels, height, width) with 1 to 4 channels, got {image.Shape}", "take one image of a batch: t.Take(0)");
        }

        int channels = planes.Shape[0], height = planes.Shape[1], width = planes.Shape[2], bytesEach = depth / 8;
        var raster = new Raster(width, height, channels, depth, new byte[planes.Count * bytesEach]);
        for (int i = 0; i < planes.Count; i++)
        {
            float value = planes.Values[(i % channels * width * height) + (i / channels)];
            int sample = (int)MathF.Round((float.IsNaN(value) ? 0 : Math.Clamp(value, 0, 1)) * raster.Maximum, MidpointRounding.AwayFromZero);
            raster.Bytes[(i * bytesEach) + bytesEach - 1] = (byte)sample;
            if (depth == 16)
            {
                raster.Bytes[i * 2] = (byte)(sample >> 8);
            }
        }

        return raster;
    }

    /// <summary>The same pixels with 8 bits a sample, rounded to the nearest.</summary>
    public Raster To8Bits()
    {
        if (Depth == 8)
        {
            return this;
        }

        var bytes = new byte[Bytes.Length / 2];
        for (int i = 0; i < bytes.Length; i++)
        {
            bytes[i] = (byte)(((Sample(i) * 255) + 32767) / 65535);
        }

        return new Raster(Width, Height, Channels, 8, bytes);
    }

    /// <summary>The same pixels as RGB with 8 bits a sample; what is transparent shows the background.</summary>
    /// <param name="background">The grey behind the image, from 0 to 255.</param>
    public Raster ToRgb(byte background = 255)
    {
        Raster from = To8Bits();
        if (from.Channels == 3)
        {
            return from;
        }

        var bytes = new byte[Width * Height * 3];
        for (int pixel = 0; pixel < Width * Height; pixel++)
        {
            int at = pixel * Channels;
            int alpha = HasAlpha ? from.Bytes[at + Channels - 1] : 255;
            for (int channel = 0; channel < 3; channel++)
            {
                int sample = from.Bytes[at + (Channels < 3 ? 0 : channel)];
                bytes[(pixel * 3) + channel] = (byte)(((sample * alpha) + (background * (255 - alpha)) + 127) / 255);
            }
        }

        return new Raster(Width, Height, 3, 8, bytes);
    }

    private int Sample(int index) => Depth == 8 ? Bytes[index] : (Bytes[2 * index] << 8) | Bytes[(2 * index) + 1];
}
