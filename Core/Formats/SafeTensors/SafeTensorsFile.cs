using System.Runtime.InteropServices;
using Fovea.Core.Shapes;
using Fovea.Core.Tensors;

namespace Fovea.Core.Formats;

/// <summary>
/// A safetensors file that is open for reading: its header is read, its tensors when they are asked for, so that a few
/// tensors of a large file cost only their own bytes. It may be asked from any number of threads.
/// </summary>
/// <remarks>
/// A tensor is copied into an array of its own, by pieces, float32 without a buffer in between: reading takes the memory
/// of what is read and no more, and nothing that was read changes with the file.
/// </remarks>
public sealed class SafeTensorsFile : IDisposable
{
    private const int Piece = 1 << 18;

    private readonly string path;
    private readonly FileBytes bytes;
    private readonly SafeTensorsHeader header;
    private readonly Dictionary<string, SafeTensorsEntry> entries;
    private readonly long start;

    internal SafeTensorsFile(string path, bool mapped)
    {
        this.path = path;
        // Whoever writes it anew and renames, as we do, is not in the way; other programs of .NET cannot write into it.
        var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete);
        try
        {
            header = stream.CanSeek ? SafeTensorsHeader.Read(stream) : throw new DataFormatException("safetensors: it has no places to read from, as a pipe; give a file");
            start = stream.Position;
            SafeTensors.RequireLength(stream, header);
            bytes = (mapped ? MappedBytes.Of(stream) : null) ?? (FileBytes)new PositionalBytes(stream);
        }
        catch (DataFormatException fault)
        {
            stream.Dispose();
            throw Named(fault);
        }

        entries = header.Entries.ToDictionary(entry => entry.Name);
    }

    /// <summary>Whether it is mapped into memory.</summary>
    public bool IsMapped => bytes is MappedBytes;

    /// <summary>Its tensors, in the order of their bytes.</summary>
    public IReadOnlyList<SafeTensorsEntry> Entries => header.Entries;

    /// <summary>Its texts by name; empty where it has none.</summary>
    public IReadOnlyDictionary<string, string> Metadata => header.Metadata;

    /// <summary>Reads a tensor.</summary>
    /// <exception cref="KeyNotFoundException">There is none of that name.</exception>
    /// <exception cref="DataFormatException">The file has become shorter since it was opened.</exception>
    public Tensor Read(string name)
    {
        SafeTensorsEntry entry = Entry(name);
        return Read(entry, entry.Shape, first: 0);
    }

    /// <summary>Reads positions of a tensor's first axis, such as rows of a table, and nothing else of it.</summary>
    /// <param name="name">The tensor's name.</param>
    /// <param name="first">The first position.</param>
    /// <param name="count">How many.</param>
    /// <exception cref="KeyNotFoundException">There is none of that name.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The tensor does not have these positions.</exception>
    /// <exception cref="DataFormatException">The file has become shorter since it was opened.</exception>
    public Tensor Read(string name, int first, int count)
    {
        SafeTensorsEntry entry = Entry(name);
        if (entry.Shape.Rank == 0 || first < 0 || count < 0 || first > entry.Shape[0] - count)
        {
            throw new ArgumentOutOfRangeException(nameof(first), $"{path}: tensor '{name}' {entry.Shape} does not have {count} positions from {first} on along its first axis");
        }

        Shape one = entry.Shape.Tail;
        return Read(entry, one.Prepend(count), (long)first * one.Count);
    }

    /// <summary>Closes the file.</summary>
    public void Dispose() => bytes.Dispose();

    private SafeTensorsEntry Entry(string name) =>
        entries.TryGetValue(name, out SafeTensorsEntry? entry)
            ? entry
            : throw new KeyNotFoundException($"{path}: there is no tensor '{name}'; {Names()}");

    private string Names()
    {
        const int shown = 10;
        string names = string.Join(", ", Entries.Take(shown).Select(entry => entry.Name));
        return Entries.Count == 0 ? "there is none at all" : $"there are {names}" + (Entries.Count > shown ? $" and {Entries.Count - shown} more" : "");
    }

    private Tensor Read(SafeTensorsEntry entry, Shape shape, long first)
    {
        int size = SafeTensorsElements.Size(entry.Type);
        bool asTheyAre = entry.Type == SafeTensorsType.F32 && BitConverter.IsLittleEndian;
        var values = new float[shape.Count];
        byte[] buffer = asTheyAre ? [] : new byte[(int)Math.Min(Piece, (long)values.Length * size)];
        for (int read = 0; read < values.Length;)
        {
            Span<float> part = values.AsSpan(read, Math.Min(values.Length - read, Piece / size));
            Span<byte> into = asTheyAre ? MemoryMarshal.AsBytes(part) : buffer.AsSpan(0, part.Length * size);
            if (!bytes.TryRead(start + entry.Begin + ((first + read) * size), into))
            {
                throw Named(SafeTensors.CutShort(entry));
            }

            if (!asTheyAre)
            {
                SafeTensorsElements.Read(into, entry.Type, part);
            }

            read += part.Length;
        }

        return Tensor.Wrap(shape, values);
    }

    private DataFormatException Named(DataFormatException fault) => new($"{path}: {fault.Message}", fault);
}
