using System.Buffers.Binary;
using System.Text;

namespace Fovea.Core.Formats;

/// <summary>
/// Reads a PNG file chunk by chunk. A chunk's length is a claim: its bytes are read in pieces, so that memory grows
/// with what has come and not with what was promised. Every check value is compared.
/// </summary>
internal sealed class PngChunks(Stream stream)
{
    private const int Piece = 1 << 16;
    private readonly byte[] piece = new byte[Piece];

    public static ReadOnlySpan<byte> Signature => [0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A];

    /// <summary>The next chunk's type.</summary>
    public string Type { get; private set; } = "";

    /// <summary>The next chunk's number of bytes, as it says.</summary>
    public uint Length { get; private set; }

    /// <summary>Whether the image cannot be understood without this chunk: the case of the type's first letter.</summary>
    public bool IsCritical => char.IsAsciiLetterUpper(Type[0]);

    public void ReadSignature()
    {
        Span<byte> start = stackalloc byte[8];
        if (stream.ReadAtLeast(start, start.Length, throwOnEndOfStream: false) < start.Length || !start.SequenceEqual(Signature))
        {
            throw new ImageFormatException("png: the first bytes are not those of a PNG file; give a file made as PNG");
        }
    }

    /// <summary>Reads the next chunk's length and type.</summary>
    public void Next()
    {
        Span<byte> head = stackalloc byte[8];
        Fill(head, "the next chunk");
        Length = BinaryPrimitives.ReadUInt32BigEndian(head);
        foreach (byte letter in head[4..])
        {
            if (!char.IsAsciiLetter((char)letter))
            {
                throw new ImageFormatException($"png: a chunk's type is not four letters but {Convert.ToHexString(head[4..])}; the file is damaged");
            }
        }

        Type = Encoding.ASCII.GetString(head[4..]);
        if (Length > int.MaxValue)
        {
            throw new ImageFormatException($"png: chunk {Type} claims {Length:N0} bytes; the file is damaged");
        }
    }

    /// <summary>Reads the chunk's bytes, at most as many as can be meant.</summary>
    public byte[] Read(int most)
    {
        if (Length > most)
        {
            throw new ImageFormatException($"png: chunk {Type} has {Length:N0} bytes; at most {most:N0} were expected");
        }

        var data = new MemoryStream();
        Copy(data);
        return data.ToArray();
    }

    /// <summary>Reads the chunk's bytes to a stream, or away where that is null, and compares its check value.</summary>
    public void Copy(Stream? to)
    {
        uint crc = Crc32.Append(0, Encoding.ASCII.GetBytes(Type));
        for (long left = Length; left > 0;)
        {
            Span<byte> part = piece.AsSpan(0, (int)Math.Min(left, Piece));
            Fill(part, Type);
            crc = Crc32.Append(crc, part);
            to?.Write(part);
            left -= part.Length;
        }

        Span<byte> check = stackalloc byte[4];
        Fill(check, Type);
        if (BinaryPrimitives.ReadUInt32BigEndian(check) != crc)
        {
            throw new ImageFormatException($"png: chunk {Type} does not have its check value; the file is damaged");
        }
    }

    /// <summary>Writes a chunk.</summary>
    public static void Write(Stream to, string type, ReadOnlySpan<byte> data)
    {
        Span<byte> head = stackalloc byte[8];
        BinaryPrimitives.WriteInt32BigEndian(head, data.Length);
        Encoding.ASCII.GetBytes(type, head[4..]);
        to.Write(head);
        to.Write(data);
        Span<byte> check = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(check, Crc32.Append(Crc32.Append(0, head[4..]), data));
        to.Write(check);
    }

    private void Fill(Span<byte> part, string what)
    {
        if (stream.ReadAtLeast(part, part.Length, throwOnEndOfStream: false) < part.Length)
        {
            throw new ImageFormatException($"png: the file ends in {what}; it is cut short");
        }
    }
}
