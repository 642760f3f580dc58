using Fovea.Core.Shapes;
using static System.FormattableString;

namespace Fovea.Core.Data;

/// <summary>The images of a dataset in other sizes.</summary>
public sealed partial class ImageDataset
{
    /// <summary>Every image in another size, its proportions given up where they are others.</summary>
    /// <exception cref="ShapeException">The size has no pixel.</exception>
    public ImageDataset Resized(Size size, ResizeMethod method = ResizeMethod.Bilinear)
    {
        RequireSize(size, int.MaxValue, int.MaxValue);
        Resampling rows = Resampling.Of(method, ImageShape[1], size.Height), columns = Resampling.Of(method, ImageShape[2], size.Width);
        return Changed(size, (from, to) => Resampling.Image(from, ImageShape[0], rows, columns, to));
    }

    /// <summary>The middle of every image; the odd pixel is left out below and to the right.</summary>
    /// <exception cref="ShapeException">The size has no pixel, or is larger than the images.</exception>
    public ImageDataset Cropped(Size size)
    {
        RequireSize(size, ImageShape[1], ImageShape[2]);
        int top = (ImageShape[1] - size.Height) / 2, left = (ImageShape[2] - size.Width) / 2;
        return Changed(size, (from, to) => Crop(from, ImageShape, top, left, size, to));
    }

    /// <summary>A rectangle of an image C×H×W.</summary>
    internal static void Crop(ReadOnlySpan<byte> source, Shape image, int top, int left, Size size, Span<byte> target)
    {
        for (int row = 0; row < image[0] * size.Height; row++)
        {
            int y = (row / size.Height * image[1]) + top + (row % size.Height);
            source.Slice((y * image[2]) + left, size.Width).CopyTo(target[(row * size.Width)..]);
        }
    }

    private void RequireSize(Size size, int height, int width)
    {
        if (size.Height < 1 || size.Width < 1 || size.Height > height || size.Width > width)
        {
            throw new ShapeException(Name, Invariant($"its images are {ImageShape}, and {size} cannot be cut out of them"), Invariant($"use a size up to {Math.Min(height, 1 << 15)}×{Math.Min(width, 1 << 15)}"));
        }
    }

    private ImageDataset Changed(Size size, PixelChange change)
    {
        Shape shape = new(ImageShape[0], size.Height, size.Width);
        ImageBytes changed = new(Count, shape.Count);
        for (int i = 0; i < Count; i++)
        {
            change(Pixels(i), changed.Room(i));
        }

        return new ImageDataset(Name, shape, changed, Labels(), Classes);
    }

    private delegate void PixelChange(ReadOnlySpan<byte> from, Span<byte> to);
}
