using static System.FormattableString;

namespace Fovea.Core.Data;

/// <summary>The bytes of one file inside an archive.</summary>
internal sealed class TarPart : Stream
{
    private readonly Stream archive;
    private readonly string file;
    private long left;

    /// <summary>The next <paramref name="length"/> bytes of an archive.</summary>
    public TarPart(Stream archive, long length, string file)
    {
        this.archive = archive;
        this.file = file;
        Length = length;
        left = length;
    }

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length { get; }

    public override long Position { get => Length - left; set => throw new NotSupportedException(); }

    /// <summary>Passes over what was not read, and over the padding behind it.</summary>
    public void Finish(int padding)
    {
        Span<byte> passed = stackalloc byte[4096];
        while (Read(passed) > 0)
        {
            // Passed over.
        }

        if (DataFiles.Fill(archive, passed[..padding]) < padding)
        {
            throw Truncated();
        }
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override int Read(Span<byte> buffer)
    {
        if (left == 0 || buffer.IsEmpty)
        {
            return 0;
        }

        int read = archive.Read(buffer[..(int)Math.Min(buffer.Length, left)]);
        left -= read;
        return read > 0 ? read : throw Truncated();
    }

    public override void Flush() { }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    private DataFileException Truncated() =>
        new(file, "a whole tar archive", Invariant($"one that ends inside a file ({left:N0} bytes before its end)"), "download it again");
}
