using Fovea.Core.Tensors;

namespace Fovea.Core.Formats;

/// <summary>
/// Reads and writes safetensors files (github.com/huggingface/safetensors): named tensors and texts, nothing that is
/// ever run. Tensors are written as F32; any type of numbers is read as float32.
/// </summary>
public static class SafeTensors
{
    private const int Block = 1 << 16;
    private static readonly Dictionary<string, string> None = [];

    /// <summary>Reads a file from a stream, which need not seek, and to its end.</summary>
    /// <exception cref="DataFormatException">The bytes are not such a file, or are damaged.</exception>
    public static SafeTensorsContent Read(Stream stream)
    {
        ArgumentNullException.ThrowIfNull(stream);
        SafeTensorsHeader header = SafeTensorsHeader.Read(stream);
        RequireLength(stream, header);
        var tensors = new Dictionary<string, Tensor>();
        foreach (SafeTensorsEntry entry in header.Entries)
        {
            tensors.Add(entry.Name, ReadTensor(stream, entry));
        }

        return stream.CanSeek || stream.ReadByte() < 0
            ? new SafeTensorsContent(tensors, header.Metadata)
            : throw new DataFormatException($"safetensors: there is more than the {header.DataBytes:N0} bytes of its tensors; the file is damaged");
    }

    /// <summary>Reads a file.</summary>
    /// <exception cref="DataFormatException">As <see cref="Read"/>, with the file's name.</exception>
    public static SafeTensorsContent Load(string path)
    {
        using SafeTensorsFile file = Open(path);
        return new SafeTensorsContent(file.Entries.ToDictionary(entry => entry.Name, entry => file.Read(entry.Name)), file.Metadata);
    }

    /// <summary>Opens a file, to read those of its tensors that one wants.</summary>
    /// <exception cref="DataFormatException">It is not such a file, or is damaged; the sentence names it.</exception>
    public static SafeTensorsFile Open(string path) => new(path, mapped: false);

    /// <summary>
    /// Opens a file as <see cref="Open"/> does, mapped into memory where it lies on a local drive: for large files that are
    /// asked for small parts often, or by several processes, which then share one copy of its pages.
    /// </summary>
    /// <remarks>
    /// Nobody should shorten a file that is mapped. Where the system allows it (Linux does), it is noticed before each piece is
    /// copied and told as of any other file; one that is cut short within the same microseconds ends the process.
    /// </remarks>
    /// <exception cref="DataFormatException">It is not such a file, or is damaged; the sentence names it.</exception>
    public static SafeTensorsFile Map(string path) => new(path, mapped: true);

    /// <summary>Writes tensors, in the given order, and texts.</summary>
    /// <exception cref="ArgumentException">A name comes twice, or is the one that is kept for metadata.</exception>
    public static void Write(Stream stream, IEnumerable<KeyValuePair<string, Tensor>> tensors, IReadOnlyDictionary<string, string>? metadata = null)
    {
        ArgumentNullException.ThrowIfNull(stream);
        ArgumentNullException.ThrowIfNull(tensors);
        List<KeyValuePair<string, Tensor>> all = [.. tensors];
        SafeTensorsHeader.Of(all, metadata ?? None).Write(stream);
        byte[] bytes = new byte[Block];
        foreach ((string _, Tensor tensor) in all)
        {
            for (int at = 0; at < tensor.Count; at += Block / 4)
            {
                int count = Math.Min(Block / 4, tensor.Count - at);
                SafeTensorsElements.Write(tensor.Values.AsSpan(at, count), bytes);
                stream.Write(bytes, 0, 4 * count);
            }
        }
    }

    /// <summary>Writes a file, whole or not at all.</summary>
    /// <param name="path">Its path; its folder must exist.</param>
    /// <param name="tensors">Tensors by name.</param>
    /// <param name="metadata">Texts by name.</param>
    /// <param name="disk">Where to; the real disk unless given.</param>
    /// <exception cref="ArgumentException">A name comes twice, or is the one that is kept for metadata.</exception>
    public static void Save(string path, IEnumerable<KeyValuePair<string, Tensor>> tensors, IReadOnlyDictionary<string, string>? metadata = null, Disk? disk = null) =>
        AtomicFile.Write(path, file => Write(file, tensors, metadata), disk);

    /// <summary>Where the stream can tell: that it holds as many bytes as its tensors take, before memory is taken for them.</summary>
    internal static void RequireLength(Stream stream, SafeTensorsHeader header)
    {
        long there = stream.CanSeek ? stream.Length - stream.Position : header.DataBytes;
        if (there != header.DataBytes)
        {
            string fault = there < header.DataBytes ? "it is cut short" : "the file is damaged";
            throw new DataFormatException($"safetensors: expected {header.DataBytes:N0} bytes of tensors, got {there:N0}; {fault}");
        }
    }

    /// <summary>Reads a tensor from a stream that stands where it begins.</summary>
    internal static Tensor ReadTensor(Stream stream, SafeTensorsEntry entry)
    {
        int count = entry.Shape.Count, size = SafeTensorsElements.Size(entry.Type);
        float[] values = new float[stream.CanSeek ? count : Math.Min(count, Block)];
        byte[] bytes = new byte[(int)Math.Min(Block, entry.Bytes)];
        for (int read = 0; read < count;)
        {
            Span<byte> part = bytes.AsSpan(0, (int)Math.Min((long)(count - read) * size, bytes.Length));
            if (stream.ReadAtLeast(part, part.Length, throwOnEndOfStream: false) < part.Length)
            {
                throw CutShort(entry);
            }

            int elements = part.Length / size;
            if (read + elements > values.Length)
            {
                Array.Resize(ref values, (int)Math.Min(count, 2L * values.Length));
            }

            SafeTensorsElements.Read(part, entry.Type, values.AsSpan(read, elements));
            read += elements;
        }

        return Tensor.Wrap(entry.Shape, values);
    }

    /// <summary>What is said where the bytes of a tensor are not all there.</summary>
    internal static DataFormatException CutShort(SafeTensorsEntry entry) =>
        new($"safetensors: the file ends within tensor '{entry.Name}'; it is cut short");
}
