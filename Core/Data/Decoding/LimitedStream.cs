using static System.FormattableString;

namespace Fovea.Core.Data;

/// <summary>A stream that refuses to give more than a number of bytes: the guard against a small file that unpacks without end.</summary>
internal sealed class LimitedStream(Stream inner, string file, long limit) : Stream
{
    private long given;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => given; set => throw new NotSupportedException(); }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override int Read(Span<byte> buffer)
    {
        int read = inner.Read(buffer);
        given += read;
        return given <= limit
            ? read
            : throw new DataFileException(
                file,
                Invariant($"no more than {limit:N0} bytes when unpacked"),
                "more",
                "it is not the published file; download it again");
    }

    public override void Flush() { }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
