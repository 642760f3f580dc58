using System.Buffers.Binary;
using System.Text;
using Fovea.Core.Shapes;

namespace Fovea.Core.Formats;

/// <summary>
/// The beginning of a NumPy file: a magic, a version, and a Python dictionary of exactly three entries that says what
/// the elements are and how they lie.
/// </summary>
internal readonly record struct NpyHeader(NpyType Type, bool ColumnMajor, Shape Shape)
{
    private const int MostText = 1 << 16; // A shape of 32 axes takes a few hundred letters.

    private static ReadOnlySpan<byte> Magic => [0x93, (byte)'N', (byte)'U', (byte)'M', (byte)'P', (byte)'Y'];

    /// <summary>Bytes that the elements take.</summary>
    public long DataBytes => (long)Shape.Count * Type.Bytes;

    public static NpyHeader Read(Stream stream)
    {
        Span<byte> start = stackalloc byte[8];
        Fill(stream, start);
        if (!start[..6].SequenceEqual(Magic))
        {
            throw new DataFormatException("npy: the first bytes are not those of a NumPy file; give a file made by numpy.save");
        }

        if (start[6] is < 1 or > 3 || start[7] != 0)
        {
            throw new DataFormatException($"npy: version {start[6]}.{start[7]} is not known; expected 1.0, 2.0 or 3.0");
        }

        Span<byte> length = stackalloc byte[start[6] == 1 ? 2 : 4];
        Fill(stream, length);
        uint bytes = length.Length == 2 ? BinaryPrimitives.ReadUInt16LittleEndian(length) : BinaryPrimitives.ReadUInt32LittleEndian(length);
        if (bytes > MostText)
        {
            throw new DataFormatException($"npy: a header of {bytes:N0} bytes is longer than any array's; the file is damaged");
        }

        var text = new byte[bytes];
        Fill(stream, text);
        return new PythonLiteral((start[6] == 3 ? Encoding.UTF8 : Encoding.Latin1).GetString(text)).Header();
    }

    /// <summary>Writes the beginning so that the elements start at a multiple of 64 bytes, as NumPy does.</summary>
    public void Write(Stream stream, int version)
    {
        string shape = Shape.Rank == 1 ? $"({Shape[0]},)" : Shape.ToString();
        string text = $"{{'descr': '{Type}', 'fortran_order': {(ColumnMajor ? "True" : "False")}, 'shape': {shape}, }}";
        int before = Magic.Length + 2 + (version == 1 ? 2 : 4);
        int length = ((before + text.Length + 1 + 63) / 64 * 64) - before;
        stream.Write(Magic);
        stream.Write([(byte)version, 0]);
        Span<byte> size = stackalloc byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(size, length);
        stream.Write(size[..(version == 1 ? 2 : 4)]);
        stream.Write(Encoding.ASCII.GetBytes(text.PadRight(length - 1) + "\n"));
    }

    private static void Fill(Stream stream, Span<byte> part)
    {
        if (stream.ReadAtLeast(part, part.Length, throwOnEndOfStream: false) < part.Length)
        {
            throw new DataFormatException("npy: the file ends in its header; it is cut short");
        }
    }
}
