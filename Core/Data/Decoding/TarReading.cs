using System.Text;
using static System.FormattableString;

namespace Fovea.Core.Data;

/// <summary>
/// The plain files of a tar archive, one after the other (POSIX ustar, IEEE Std 1003.1, "pax Interchange Format").
/// Links and devices are passed over, extended headers too: names are those of the plain header, at most 255 characters.
/// </summary>
/// <remarks>
/// Why not System.Formats.Tar: its reader allocates as many bytes as an extended header claims to have, up to 2 GB for
/// a file of 512 bytes.
/// </remarks>
internal static class TarReading
{
    private const int Block = 512;
    private const string Expected = "a tar archive";
    private const string Mend = "download it again";

    /// <summary>The plain files of an archive that unpacks to at most <paramref name="limit"/> bytes.</summary>
    public static IEnumerable<TarFile> Files(Stream archive, string file, long limit)
    {
        LimitedStream stream = new(archive, file, limit);
        byte[] header = new byte[Block];
        while (ReadHeader(stream, header, file))
        {
            long length = Size(header, file);
            TarPart content = new(stream, length, file);
            if (header[156] is 0 or (byte)'0' or (byte)'7')
            {
                yield return new TarFile(Name(header), length, content);
            }

            content.Finish(Padding(length));
        }

        // A gzip's checksum stands behind its last byte: it is compared only when all is read.
        stream.CopyTo(Stream.Null);
    }

    private static int Padding(long length) => (int)((Block - (length % Block)) % Block);

    // False at the end: two blocks of zeros by the book, but one, or the end of the file, will do.
    private static bool ReadHeader(Stream stream, byte[] header, string file)
    {
        int read = DataFiles.Fill(stream, header);
        if (read == 0)
        {
            return false;
        }

        if (read < Block)
        {
            throw new DataFileException(
                file,
                Expected,
                FileKind.Of(header.AsSpan(0, read)) ?? "one that ends inside a header",
                Mend);
        }

        if (header.AsSpan().IndexOfAnyExcept((byte)0) < 0)
        {
            return false;
        }

        return IsIntact(header)
            ? true
            : throw new DataFileException(
                file,
                Expected,
                FileKind.Of(header) ?? "a header whose checksum is wrong",
                Mend);
    }

    // The sum of the header's bytes, its own field counted as blanks.
    private static bool IsIntact(byte[] header)
    {
        int sum = 8 * ' ';
        for (int i = 0; i < Block; i++)
        {
            sum += i is >= 148 and < 156 ? 0 : header[i];
        }

        return Octal(header.AsSpan(148, 8)) == sum;
    }

    private static long Size(byte[] header, string file) =>
        Octal(header.AsSpan(124, 12)) ?? throw new DataFileException(
            file,
            "a tar archive of files under 8 GB",
            "a size that is not written in octal digits",
            Mend);

    // Octal digits between blanks and zeros; null for anything else.
    private static long? Octal(ReadOnlySpan<byte> field)
    {
        ReadOnlySpan<byte> digits = field.Trim(" \0"u8);
        long value = 0;
        foreach (byte digit in digits)
        {
            if (digit is < (byte)'0' or > (byte)'7')
            {
                return null;
            }

            value = (value * 8) + (digit - '0');
        }

        return value;
    }

    private static string Name(byte[] header)
    {
        string name = Text(header.AsSpan(0, 100));
        string prefix = header.AsSpan(257, 5).SequenceEqual("ustar"u8) ? Text(header.AsSpan(345, 155)) : "";
        return prefix.Length > 0 ? Invariant($"{prefix}/{name}") : name;
    }

    private static string Text(ReadOnlySpan<byte> field)
    {
        int end = field.IndexOf((byte)0);
        return Encoding.UTF8.GetString(end < 0 ? field : field[..end]);
    }
}
