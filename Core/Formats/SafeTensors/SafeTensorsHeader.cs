using System.Buffers.Binary;
using System.Text.Encodings.Web;
using System.Text.Json;
using Fovea.Core.Tensors;

namespace Fovea.Core.Formats;

/// <summary>
/// The head of a safetensors file: 8 bytes with the length of the text that follows, and that text, which says of each
/// tensor its type, its shape and where its bytes lie in the rest of the file.
/// </summary>
internal sealed class SafeTensorsHeader
{
    /// <summary>The most bytes of text, as in the published reader.</summary>
    public const long MostBytes = 100_000_000;

    private const int LengthBytes = 8;
    private const int Piece = 1 << 16;

    private SafeTensorsHeader(IReadOnlyList<SafeTensorsEntry> entries, IReadOnlyDictionary<string, string> metadata)
    {
        Entries = entries;
        Metadata = metadata;
        DataBytes = entries.Count > 0 ? entries[^1].End : 0;
    }

    /// <summary>The tensors, in the order of their bytes: each begins where the one before it ends.</summary>
    public IReadOnlyList<SafeTensorsEntry> Entries { get; }

    /// <summary>Texts by name.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; }

    /// <summary>The bytes of all tensors.</summary>
    public long DataBytes { get; }

    /// <summary>The header for tensors that are written as F32, one after the other.</summary>
    /// <exception cref="ArgumentException">A name comes twice, or is the metadata's.</exception>
    public static SafeTensorsHeader Of(IEnumerable<KeyValuePair<string, Tensor>> tensors, IReadOnlyDictionary<string, string> metadata)
    {
        var names = new HashSet<string> { SafeTensorsJson.MetadataName };
        var entries = new List<SafeTensorsEntry>();
        long end = 0;
        foreach ((string name, Tensor tensor) in tensors)
        {
            if (!names.Add(name))
            {
                throw new ArgumentException($"safetensors: the name '{name}' comes twice or is kept for metadata; give each tensor its own");
            }

            entries.Add(new SafeTensorsEntry(name, SafeTensorsType.F32, tensor.Shape, end, end + (4L * tensor.Count)));
            end = entries[^1].End;
        }

        return new(entries, metadata);
    }

    /// <summary>Reads a header; the stream then stands before the first tensor.</summary>
    /// <exception cref="DataFormatException">The bytes are not such a header, or what it says does not hold together.</exception>
    public static SafeTensorsHeader Read(Stream stream)
    {
        Span<byte> length = stackalloc byte[LengthBytes];
        if (stream.ReadAtLeast(length, LengthBytes, throwOnEndOfStream: false) < LengthBytes)
        {
            throw new DataFormatException("safetensors: the file ends within its first 8 bytes; it is cut short or of another format");
        }

        (List<SafeTensorsEntry> entries, Dictionary<string, string> metadata) = SafeTensorsJson.Parse(Text(stream, BinaryPrimitives.ReadUInt64LittleEndian(length)));
        SafeTensorsHeader header = new([.. entries.OrderBy(entry => entry.Begin).ThenBy(entry => entry.End)], metadata);
        RequireNoGaps(header.Entries);
        return header;
    }

    /// <summary>Writes the header.</summary>
    public void Write(Stream stream)
    {
        var text = new MemoryStream();
        // Letters beyond ASCII are written as they are: the text is UTF-8 and never part of a web page.
        using (var json = new Utf8JsonWriter(text, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            Write(json);
        }

        // Spaces up to a multiple of 8, so that tensors begin at one too.
        while (text.Length % LengthBytes != 0)
        {
            text.WriteByte((byte)' ');
        }

        if (text.Length > MostBytes)
        {
            throw new ArgumentException($"safetensors: names and metadata take {text.Length:N0} bytes; at most {MostBytes:N0} can be read again");
        }

        Span<byte> length = stackalloc byte[LengthBytes];
        BinaryPrimitives.WriteInt64LittleEndian(length, text.Length);
        stream.Write(length);
        text.WriteTo(stream);
    }

    private void Write(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        if (Metadata.Count > 0)
        {
            json.WriteStartObject(SafeTensorsJson.MetadataName);
            foreach ((string key, string value) in Metadata.OrderBy(pair => pair.Key, StringComparer.Ordinal))
            {
                json.WriteString(key, value);
            }

            json.WriteEndObject();
        }

        foreach (SafeTensorsEntry entry in Entries)
        {
            json.WriteStartObject(entry.Name);
            json.WriteString("dtype", entry.Type.ToString().ToUpperInvariant());
            WriteNumbers(json, "shape", entry.Shape.Select(extent => (long)extent));
            WriteNumbers(json, "data_offsets", [entry.Begin, entry.End]);
            json.WriteEndObject();
        }

        json.WriteEndObject();
    }

    private static void WriteNumbers(Utf8JsonWriter json, string name, IEnumerable<long> numbers)
    {
        json.WriteStartArray(name);
        foreach (long number in numbers)
        {
            json.WriteNumberValue(number);
        }

        json.WriteEndArray();
    }

    // The length is a claim: where the stream cannot tell that all is there, memory grows with what has come.
    private static byte[] Text(Stream stream, ulong length)
    {
        if (length > MostBytes)
        {
            throw new DataFormatException($"safetensors: the header claims {length:N0} bytes, more than the {MostBytes:N0} that are read; the file is damaged or of another format");
        }

        bool there = !stream.CanSeek || (ulong)(stream.Length - stream.Position) >= length;
        var text = new MemoryStream();
        byte[] piece = new byte[Math.Min((int)length, Piece)];
        while (there && (ulong)text.Length < length)
        {
            int read = stream.Read(piece, 0, (int)Math.Min(length - (ulong)text.Length, (ulong)piece.Length));
            there = read > 0;
            text.Write(piece, 0, read);
        }

        return there
            ? text.ToArray()
            : throw new DataFormatException($"safetensors: the file ends within its header of {length:N0} bytes; it is cut short or of another format");
    }

    private static void RequireNoGaps(IReadOnlyList<SafeTensorsEntry> entries)
    {
        long end = 0;
        foreach (SafeTensorsEntry entry in entries)
        {
            if (entry.Begin != end)
            {
                string fault = entry.Begin < end ? "inside another tensor" : "behind bytes of no tensor";
                throw new DataFormatException($"safetensors: tensor '{entry.Name}' begins at byte {entry.Begin:N0}, {fault}; expected {end:N0}; the file is damaged");
            }

            end = entry.End;
        }
    }
}
