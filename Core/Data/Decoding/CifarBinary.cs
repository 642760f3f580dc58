using Fovea.Core.Shapes;
using static System.FormattableString;

namespace Fovea.Core.Data;

/// <summary>
/// The records of CIFAR-10's binary version: a byte of label, then 3,072 bytes of pixels, 3×32×32
/// (Krizhevsky, "Learning multiple layers of features from tiny images", 2009).
/// </summary>
internal static class CifarBinary
{
    public const int RecordBytes = 1 + 3072;
    private const string Download = "download the binary version again";

    /// <summary>The shape of an image.</summary>
    public static Shape Image { get; } = new(3, 32, 32);

    /// <summary>The length in bytes of a file of so many records.</summary>
    public static long Length(int images) => (long)images * RecordBytes;

    /// <summary>What to throw for a file of another length, given its first bytes.</summary>
    public static DataFileException WrongLength(string file, long length, int images, ReadOnlySpan<byte> head)
    {
        string size = Invariant($"{length:N0} bytes");
        string got = FileKind.Of(head) is { } kind ? Invariant($"{kind} ({size})") : size;
        return new DataFileException(
            file,
            Whole(images),
            got,
            length < Length(images) && length > 0 ? $"it is cut short or another file: {Download}" : Download);
    }

    /// <summary>Reads exactly <paramref name="images"/> records, into the places from <paramref name="first"/> on.</summary>
    public static void Read(Stream stream, string file, int images, ImageBytes pixels, int[] labels, int first)
    {
        Span<byte> record = stackalloc byte[RecordBytes];
        for (int i = 0; i < images; i++)
        {
            int read = DataFiles.Fill(stream, record);
            if (read < RecordBytes)
            {
                throw WrongLength(file, Length(i) + read, images, i == 0 ? record[..read] : [0]);
            }

            if (record[0] > 9)
            {
                throw new DataFileException(
                    file,
                    "labels from 0 to 9",
                    Invariant($"{record[0]} for image {i:N0} (at byte {Length(i):N0})"),
                    $"it is damaged or not CIFAR-10's binary version: {Download}");
            }

            labels[first + i] = record[0];
            record[1..].CopyTo(pixels.Room(first + i));
        }

        if (!DataFiles.IsAtEnd(stream))
        {
            throw new DataFileException(file, Whole(images), "more", Download);
        }
    }

    private static string Whole(int images) => Invariant($"{Length(images):N0} bytes ({images:N0} images of {RecordBytes:N0})");
}
