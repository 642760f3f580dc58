using System.IO.Compression;

namespace Fovea.Core.Data;

/// <summary>Opening data files, and reading them without trusting what they say of themselves.</summary>
internal static class DataFiles
{
    /// <summary>
    /// Opens a file, unpacks it where its first bytes are gzip's, and reads it. Whatever goes wrong in the layers
    /// below becomes a <see cref="DataFileException"/> that names the file.
    /// </summary>
    public static T Read<T>(string path, string expected, Func<Stream, T> read)
    {
        try
        {
            using FileStream file = new(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 1 << 16);
            using Stream content = Unpacked(file);
            return Guarded(path, expected, content, read);
        }
        catch (Exception fault) when (fault is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new DataFileException(path, expected, "nothing: there is no such file", "check the path", fault);
        }
        catch (Exception fault) when (fault is UnauthorizedAccessException or IOException)
        {
            throw new DataFileException(
                path,
                expected,
                $"a file that cannot be read ({fault.Message})",
                "check the path and its permissions",
                fault);
        }
    }

    /// <summary>Reads a stream; a damaged compression becomes a <see cref="DataFileException"/>.</summary>
    public static T Guarded<T>(string file, string expected, Stream content, Func<Stream, T> read)
    {
        try
        {
            return read(content);
        }
        catch (Exception fault) when (Formats.Inflating.IsDamage(fault) || fault is EndOfStreamException)
        {
            throw new DataFileException(
                file,
                expected,
                $"damaged compressed data ({fault.Message.TrimEnd('.')})",
                "download it again",
                fault);
        }
    }

    /// <summary>Fills a span from a stream and answers how many bytes there were for it.</summary>
    public static int Fill(
        Stream stream,
        Span<byte> target) => stream.ReadAtLeast(target,
        target.Length,
        throwOnEndOfStream: false);

    /// <summary>Reads up to <paramref name="count"/> bytes; memory grows only as they arrive.</summary>
    public static byte[] UpTo(Stream stream, int count)
    {
        byte[] bytes = new byte[Math.Min(count, 1 << 16)];
        int length = 0;
        while (true)
        {
            length += Fill(stream, bytes.AsSpan(length));
            if (length < bytes.Length || length == count)
            {
                return length == bytes.Length ? bytes : bytes[..length];
            }

            Array.Resize(ref bytes, (int)Math.Min(count, 2L * bytes.Length));
        }
    }

    /// <summary>Whether the stream has nothing left.</summary>
    public static bool IsAtEnd(Stream stream) => stream.ReadByte() < 0;

    private static Stream Unpacked(FileStream file)
    {
        Span<byte> magic = stackalloc byte[2];
        bool isGzip = Fill(file, magic) == 2 && magic[0] == 0x1F && magic[1] == 0x8B;
        file.Position = 0;
        return isGzip ? new GZipStream(file, CompressionMode.Decompress) : file;
    }
}
