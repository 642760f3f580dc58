using System.IO.Compression;
using Fovea.Core.Tensors;

namespace Fovea.Core.Formats;

/// <summary>Reads and writes NumPy's .npz files: named arrays in a zip archive, compressed or not.</summary>
public static class Npz
{
    private const int MostArrays = 1 << 16;
    private const string Extension = ".npy";

    /// <summary>Reads all arrays by their names. Entries that are not arrays are refused.</summary>
    /// <param name="stream">The file; where it cannot seek it is read into memory first.</param>
    /// <param name="mostBytes">The most bytes of elements, of all arrays together, to take memory for.</param>
    /// <exception cref="DataFormatException">The bytes are not such a file, are damaged, or too large.</exception>
    public static IReadOnlyDictionary<string, Tensor> Read(Stream stream, long mostBytes = Npy.ByteLimit)
    {
        ArgumentNullException.ThrowIfNull(stream);
        try
        {
            using var archive = new ZipArchive(stream, ZipArchiveMode.Read, leaveOpen: true);
            return Arrays(archive, mostBytes);
        }
        catch (Exception fault) when (Inflating.IsDamage(fault) || fault is EndOfStreamException or ArgumentException or OverflowException or NotSupportedException)
        {
            throw new DataFormatException("npz: the file is not a zip archive, or is damaged; give a file made by numpy.savez", fault);
        }
    }

    /// <summary>Writes named arrays.</summary>
    /// <param name="stream">Where to.</param>
    /// <param name="arrays">Names and values; a name may have slashes, and none comes twice.</param>
    /// <param name="compressed">Whether to compress them, as numpy.savez_compressed does.</param>
    /// <param name="options">How each is written.</param>
    /// <exception cref="ArgumentException">A name is empty or comes twice.</exception>
    public static void Write(Stream stream, IEnumerable<KeyValuePair<string, Tensor>> arrays, bool compressed = false, NpyOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(stream);
        ArgumentNullException.ThrowIfNull(arrays);
        var seen = new HashSet<string>();
        using var archive = new ZipArchive(stream, ZipArchiveMode.Create, leaveOpen: true);
        foreach ((string name, Tensor value) in arrays)
        {
            if (string.IsNullOrEmpty(name) || !seen.Add(name))
            {
                throw new ArgumentException($"npz: the name '{name}' is empty or comes twice; give each array its own");
            }

            ZipArchiveEntry entry = archive.CreateEntry(name + Extension, compressed ? CompressionLevel.Optimal : CompressionLevel.NoCompression);
            entry.LastWriteTime = new DateTimeOffset(1980, 1, 1, 0, 0, 0, TimeSpan.Zero); // The same arrays make the same file.
            using Stream content = entry.Open();
            Npy.Write(content, value, options);
        }
    }

    /// <summary>Reads a file.</summary>
    /// <exception cref="DataFormatException">As <see cref="Read"/>, with the file's name.</exception>
    public static IReadOnlyDictionary<string, Tensor> Load(string path)
    {
        using FileStream file = File.OpenRead(path);
        try
        {
            return Read(file);
        }
        catch (DataFormatException fault)
        {
            throw new DataFormatException($"{path}: {fault.Message}", fault);
        }
    }

    /// <summary>Writes a file, whole or not at all.</summary>
    public static void Save(string path, IEnumerable<KeyValuePair<string, Tensor>> arrays, bool compressed = false, NpyOptions? options = null) =>
        AtomicFile.Write(path, file => Write(file, arrays, compressed, options));

    private static Dictionary<string, Tensor> Arrays(ZipArchive archive, long mostBytes)
    {
        var arrays = new Dictionary<string, Tensor>();
        if (archive.Entries.Count > MostArrays)
        {
            throw new DataFormatException($"npz: the archive has {archive.Entries.Count:N0} entries; at most {MostArrays:N0} are read");
        }

        foreach (ZipArchiveEntry entry in archive.Entries)
        {
            string name = entry.FullName.EndsWith(Extension, StringComparison.Ordinal) ? entry.FullName[..^Extension.Length] : "";
            if (name.Length == 0 || arrays.ContainsKey(name))
            {
                throw new DataFormatException($"npz: entry '{entry.FullName}' is not an array, or comes twice; expected names that end in {Extension}");
            }

            using Stream opened = entry.Open();
            using var content = new Crc32Stream(opened);
            Tensor value;
            try
            {
                value = Npy.Read(content, mostBytes);
                if (content.ReadByte() >= 0 || content.Crc != entry.Crc32)
                {
                    throw new DataFormatException("npy: there is more than the array, or its check value differs; the file is damaged");
                }
            }
            catch (DataFormatException fault)
            {
                throw new DataFormatException($"npz: array '{name}': {fault.Message}", fault);
            }

            mostBytes -= 4L * value.Count;
            arrays.Add(name, value);
        }

        return arrays;
    }
}
