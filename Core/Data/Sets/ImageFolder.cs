using Fovea.Core.Formats;
using Fovea.Core.Shapes;
using Fovea.Core.Tensors;
using static System.FormattableString;

namespace Fovea.Core.Data;

/// <summary>
/// A folder of folders, each named by a class and holding its images (PNG, PPM, PGM), as torchvision's ImageFolder reads
/// them. Classes come in the order of their names, and so do images; what is hidden is left out.
/// </summary>
/// <param name="Size">The size that every image is brought to: enlarged or reduced until it covers that size, then cut to its middle; null where all are of one size already.</param>
/// <param name="Method">How images of another size are made.</param>
/// <param name="Grey">Whether images are read as one channel of grey, not as three of colour. What is transparent becomes white.</param>
public sealed record ImageFolder(Size? Size = null, ResizeMethod Method = ResizeMethod.Area, bool Grey = false)
{
    private const string Expected = "a folder of class folders with PNG, PPM or PGM images";
    private static readonly EnumerationOptions Visible = new() { AttributesToSkip = FileAttributes.Hidden | FileAttributes.System | FileAttributes.ReparsePoint };
    private static readonly EnumerationOptions Deep = new() { AttributesToSkip = Visible.AttributesToSkip, RecurseSubdirectories = true, MaxRecursionDepth = 8 };

    /// <summary>Reads a folder.</summary>
    /// <exception cref="DataFileException">The folder is not there or not such a one, an image is damaged, or sizes differ and none was said.</exception>
    public ImageDataset Load(string folder)
    {
        ArgumentNullException.ThrowIfNull(folder);
        string[] classes = Classes(folder);
        (string File, int Label)[] images = [.. classes.SelectMany((name, label) => Images(Path.Combine(folder, name)).Select(file => (file, label)))];
        Shape shape = Read(images[0].File).Shape;
        ImageBytes pixels = new(images.Length, shape.Count);
        for (int i = 0; i < images.Length; i++)
        {
            (byte[] bytes, Shape found) = Read(images[i].File);
            if (found != shape)
            {
                throw new DataFileException(
                    images[i].File,
                    $"an image of {shape[1]}×{shape[2]} as the first one, {images[0].File}",
                    $"{found[1]}×{found[2]}",
                    $"say one size for all: size = ({shape[1]}, {shape[2]})");
            }

            bytes.CopyTo(pixels.Room(i));
        }

        return new ImageDataset(Path.GetFileName(Path.GetFullPath(folder).TrimEnd(Path.DirectorySeparatorChar)), shape, pixels, [.. images.Select(image => image.Label)], classes);
    }

    /// <summary>One image as those of the folder are brought to their size and colours: (C, H, W), floats 0..1.</summary>
    /// <exception cref="DataFileException">The image is too narrow or too flat for the size.</exception>
    public Tensor Fit(Raster image)
    {
        ArgumentNullException.ThrowIfNull(image);
        (byte[] bytes, Shape shape) = Planar(image, "image");
        Tensor tensor = Tensor.Zeros(shape);
        UnitFloats.FromBytes(bytes, tensor.Values);
        return tensor;
    }

    private static string[] Classes(string folder)
    {
        if (!Directory.Exists(folder))
        {
            throw new DataFileException(folder, Expected, "nothing: there is no such folder", "check the path");
        }

        string[] classes = [.. Directory.EnumerateDirectories(folder, "*", Visible).Select(path => Path.GetFileName(path)!).Order(StringComparer.Ordinal)];
        return classes.Length > 0
            ? classes
            : throw new DataFileException(folder, Expected, "no folder in it", "put the images of each class into a folder of the class's name");
    }

    private static string[] Images(string folder)
    {
        string[] files =
        [
            .. Directory.EnumerateFiles(folder, "*", Deep)
                .Where(file => ImageFile.Endings.Contains(Path.GetExtension(file).ToLowerInvariant()))
                .Order(StringComparer.Ordinal),
        ];
        return files.Length > 0
            ? files
            : throw new DataFileException(folder, "the images of a class (.png, .ppm, .pgm)", "none", "convert its images to PNG, or remove the folder");
    }

    // An image's bytes, C×H×W, in the wanted size.
    private (byte[] Bytes, Shape Shape) Read(string file) =>
        Planar(DataFiles.Read(file, "a PNG, PPM or PGM image", stream => Decoded(file, stream)), file);

    private (byte[] Bytes, Shape Shape) Planar(Raster raster, string file)
    {
        byte[] planes = Planes(raster);
        Shape shape = new(Grey ? 1 : 3, raster.Height, raster.Width);
        return Size is { } size ? Fitted(planes, shape, size, file) : (planes, shape);
    }

    private static Raster Decoded(string file, Stream stream)
    {
        try
        {
            return ImageFile.Read(stream);
        }
        catch (ImageFormatException fault)
        {
            throw new DataFileException(file, "a PNG, PPM or PGM image", $"what cannot be read ({fault.Message})", "convert it again, or remove it", fault);
        }
    }

    private byte[] Planes(Raster raster)
    {
        byte[] rgb = raster.ToRgb().Bytes;
        int pixels = raster.Width * raster.Height;
        byte[] planes = new byte[Grey ? pixels : 3 * pixels];
        for (int i = 0; i < pixels; i++)
        {
            (byte r, byte g, byte b) = (rgb[3 * i], rgb[(3 * i) + 1], rgb[(3 * i) + 2]);
            if (Grey)
            {
                // The weights of ITU-R BT.601.
                planes[i] = (byte)(((299 * r) + (587 * g) + (114 * b) + 500) / 1000);
            }
            else
            {
                (planes[i], planes[pixels + i], planes[(2 * pixels) + i]) = (r, g, b);
            }
        }

        return planes;
    }

    private (byte[] Bytes, Shape Shape) Fitted(byte[] planes, Shape shape, Size size, string file)
    {
        Size covering = Resampling.Covering(new Size(shape[1], shape[2]), size);
        if ((long)covering.Height * covering.Width > Png.PixelLimit)
        {
            throw new DataFileException(file, $"an image that covers {size}", $"{shape[1]}×{shape[2]}, too narrow or too flat for it", "cut it first, or remove it");
        }

        byte[] resized = new byte[shape[0] * covering.Height * covering.Width];
        Resampling.Image(planes, shape[0], Resampling.Of(Method, shape[1], covering.Height), Resampling.Of(Method, shape[2], covering.Width), resized);
        Shape whole = new(shape[0], covering.Height, covering.Width), cut = new(shape[0], size.Height, size.Width);
        byte[] middle = new byte[cut.Count];
        ImageDataset.Crop(resized, whole, (covering.Height - size.Height) / 2, (covering.Width - size.Width) / 2, size, middle);
        return (middle, cut);
    }
}
