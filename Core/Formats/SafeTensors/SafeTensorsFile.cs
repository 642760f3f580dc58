using Fovea.Core.Tensors;

namespace Fovea.Core.Formats;

/// <summary>
/// A safetensors file that is open for reading: its header is read, its tensors when they are asked for, so that a few
/// tensors of a large file cost only their own bytes. It may be asked from any number of threads.
/// </summary>
/// <remarks>
/// The file is read, not mapped into memory: a mapped file that another process cuts short ends the process that reads
/// it, where a read answers with an error.
/// </remarks>
public sealed class SafeTensorsFile : IDisposable
{
    private readonly string path;
    private readonly FileStream stream;
    private readonly SafeTensorsHeader header;
    private readonly Dictionary<string, SafeTensorsEntry> entries;
    private readonly Lock reading = new();
    private readonly long start;

    internal SafeTensorsFile(string path)
    {
        this.path = path;
        stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete);
        try
        {
            header = SafeTensorsHeader.Read(stream);
            start = stream.Position;
            SafeTensors.RequireLength(stream, header);
        }
        catch (DataFormatException fault)
        {
            stream.Dispose();
            throw Named(fault);
        }

        entries = header.Entries.ToDictionary(entry => entry.Name);
    }

    /// <summary>Its tensors, in the order of their bytes.</summary>
    public IReadOnlyList<SafeTensorsEntry> Entries => header.Entries;

    /// <summary>Its texts by name; empty where it has none.</summary>
    public IReadOnlyDictionary<string, string> Metadata => header.Metadata;

    /// <summary>Reads a tensor.</summary>
    /// <exception cref="KeyNotFoundException">There is none of that name.</exception>
    /// <exception cref="DataFormatException">The file has become shorter since it was opened.</exception>
    public Tensor Read(string name)
    {
        if (!entries.TryGetValue(name, out SafeTensorsEntry? entry))
        {
            throw new KeyNotFoundException($"{path}: there is no tensor '{name}'; Entries lists those that there are");
        }

        lock (reading)
        {
            stream.Position = start + entry.Begin;
            try
            {
                return SafeTensors.ReadTensor(stream, entry);
            }
            catch (DataFormatException fault)
            {
                throw Named(fault);
            }
        }
    }

    /// <summary>Closes the file.</summary>
    public void Dispose() => stream.Dispose();

    private DataFormatException Named(DataFormatException fault) => new($"{path}: {fault.Message}", fault);
}
