using System.Buffers.Binary;
using Fovea.Core.Shapes;
using static System.FormattableString;

namespace Fovea.Core.Data;

/// <summary>
/// The IDX files of MNIST and its kin: a magic number, the extents as big-endian 32-bit numbers, then the bytes
/// (LeCun, Cortes and Burges, "The MNIST database of handwritten digits").
/// </summary>
public static class Idx
{
    /// <summary>The most bytes of pixels that are read from one file.</summary>
    public const long MostBytes = 1L << 30;

    private const int ImagesMagic = 0x00000803;
    private const int LabelsMagic = 0x00000801;
    private const int LargestSide = 4096;
    private const string Again = "it is cut short: download it again";

    /// <summary>Reads a file of grey images (magic 2051) and the file of their labels (magic 2049).</summary>
    /// <param name="images">The images' file, no longer gzipped.</param>
    /// <param name="imagesFile">What messages call it.</param>
    /// <param name="labels">The labels' file, no longer gzipped.</param>
    /// <param name="labelsFile">What messages call it.</param>
    /// <param name="name">What messages call the dataset.</param>
    /// <param name="classes">The names of the classes; a label is an index into them.</param>
    /// <returns>Images of (1, height, width).</returns>
    /// <exception cref="DataFileException">A file is cut short, too long, of another kind, or does not fit the other.</exception>
    public static ImageDataset Read(
        Stream images,
        string imagesFile,
        Stream labels,
        string labelsFile,
        string name,
        IReadOnlyList<string> classes)
    {
        ArgumentNullException.ThrowIfNull(images);
        ArgumentNullException.ThrowIfNull(labels);
        ArgumentNullException.ThrowIfNull(classes);
        int[] read = ReadLabels(labels, labelsFile, classes.Count);
        (Shape shape, ImageBytes pixels) = ReadImages(images, imagesFile);
        return pixels.Count == read.Length
            ? new ImageDataset(name, shape, pixels, read, [.. classes])
            : throw new DataFileException(
                labelsFile,
                Invariant($"{pixels.Count:N0} labels, one for each image of {Path.GetFileName(imagesFile)}"),
                Invariant($"{read.Length:N0}"),
                "the two files are not of one set: download both again");
    }

    internal static (Shape Image, ImageBytes Pixels) ReadImages(Stream stream, string file)
    {
        Span<byte> header = stackalloc byte[16];
        ReadHeader(stream, file, header, ImagesMagic, "IDX images (magic number 2051)");
        int count = Extent(header, 1), height = Extent(header, 2), width = Extent(header, 3);
        if (count < 0 || height is < 1 or > LargestSide || width is < 1 or > LargestSide || (long)count * height * width > MostBytes)
        {
            throw new DataFileException(
                file,
                Invariant($"images of at most {LargestSide:N0} × {LargestSide:N0} pixels and {MostBytes:N0} bytes in all"),
                Invariant($"a header that claims {(uint)count:N0} images of {(uint)height:N0} × {(uint)width:N0}"),
                "it is damaged or not such a file: download it again");
        }

        ImageBytes pixels = new(count, height * width);
        for (int i = 0; i < count; i++)
        {
            int read = DataFiles.Fill(stream, pixels.Room(i));
            if (read < pixels.ImageSize)
            {
                throw new DataFileException(
                    file,
                    Invariant($"{count:N0} images of {height} × {width} as its header says ({16 + ((long)count * height * width):N0} bytes)"),
                    Invariant($"{16 + ((long)i * pixels.ImageSize) + read:N0} bytes"),
                    Again);
            }
        }

        CheckEnd(stream, file, Invariant($"{count:N0} images of {height} × {width}"));
        return (new Shape(1, height, width), pixels);
    }

    internal static int[] ReadLabels(Stream stream, string file, int classes)
    {
        Span<byte> header = stackalloc byte[8];
        ReadHeader(stream, file, header, LabelsMagic, "IDX labels (magic number 2049)");
        int count = Extent(header, 1);
        if (count is < 0 or > (int)(MostBytes / 4))
        {
            throw new DataFileException(
                file,
                Invariant($"at most {MostBytes / 4:N0} labels"),
                Invariant($"a header that claims {(uint)count:N0}"),
                "it is damaged or not such a file: download it again");
        }

        byte[] bytes = DataFiles.UpTo(stream, count);
        if (bytes.Length < count)
        {
            throw new DataFileException(
                file,
                Invariant($"{count:N0} labels as its header says ({8L + count:N0} bytes)"),
                Invariant($"{8L + bytes.Length:N0} bytes"),
                Again);
        }

        CheckEnd(stream, file, Invariant($"{count:N0} labels"));
        int[] labels = Array.ConvertAll(bytes, label => (int)label);
        int wrong = Array.FindIndex(labels, label => label >= classes);
        return wrong < 0
            ? labels
            : throw new DataFileException(
                file,
                Invariant($"labels from 0 to {classes - 1}"),
                Invariant($"{labels[wrong]} for image {wrong:N0} (at byte {8L + wrong:N0})"),
                "it is damaged or of another set: download it again");
    }

    private static void ReadHeader(Stream stream, string file, Span<byte> header, int magic, string expected)
    {
        int read = DataFiles.Fill(stream, header);
        int got = read < 4 ? 0 : BinaryPrimitives.ReadInt32BigEndian(header);
        if (got == magic && read < header.Length)
        {
            throw new DataFileException(
                file,
                Invariant($"{expected} with a header of {header.Length} bytes"),
                Invariant($"{read} bytes"),
                Again);
        }

        if (got != magic)
        {
            throw new DataFileException(
                file,
                expected,
                Kind(header[..read], got),
                "check which file this is, or download it again");
        }
    }

    private static string Kind(ReadOnlySpan<byte> head, int magic) => magic switch
    {
        ImagesMagic => "a file of images; are the two files swapped?",
        LabelsMagic => "a file of labels; are the two files swapped?",
        _ when magic >> 16 == 0 && magic != 0 => Invariant($"an IDX file of another type (magic number {magic})"),
        _ => FileKind.Of(head) ?? (head.Length < 4 ? Invariant($"{head.Length} bytes") : Invariant($"the magic number {(uint)magic}")),
    };

    private static void CheckEnd(Stream stream, string file, string claimed)
    {
        if (!DataFiles.IsAtEnd(stream))
        {
            throw new DataFileException(
                file,
                $"{claimed} as its header says",
                "more bytes than that",
                "it is damaged: download it again");
        }
    }

    private static int Extent(
        ReadOnlySpan<byte> header,
        int index) => BinaryPrimitives.ReadInt32BigEndian(header[(4 * index)..]);
}
