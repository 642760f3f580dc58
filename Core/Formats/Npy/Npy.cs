using Fovea.Core.Shapes;
using Fovea.Core.Tensors;

namespace Fovea.Core.Formats;

/// <summary>How a NumPy file is written.</summary>
/// <param name="Type">The elements' type; float32 unless given. Numbers are rounded to it.</param>
/// <param name="ColumnMajor">Whether the first index runs fastest (Fortran's order).</param>
/// <param name="Version">The header's version, 1 to 3.</param>
public sealed record NpyOptions(NpyType? Type = null, bool ColumnMajor = false, int Version = 1);

/// <summary>
/// Reads and writes NumPy's .npy files (versions 1 to 3): numbers and truth values of any size and byte order, in
/// either order of indices. Python objects are refused.
/// </summary>
public static class Npy
{
    /// <summary>The most bytes of elements unless another limit is given: 8 GiB, what the largest tensor takes.</summary>
    public const long ByteLimit = 1L << 33;

    private const int Block = 1 << 16;

    /// <summary>
    /// Reads an array as a tensor. Numbers that float32 does not hold are rounded: whole numbers are exact up to 2²⁴.
    /// </summary>
    /// <param name="stream">The file; it need not seek. What follows the array is left unread.</param>
    /// <param name="mostBytes">The most bytes of elements to take memory for.</param>
    /// <exception cref="DataFormatException">The bytes are not such a file, are damaged, or too large.</exception>
    public static Tensor Read(Stream stream, long mostBytes = ByteLimit)
    {
        (NpyHeader header, float[] values) = Elements(stream, mostBytes, value => (float)value);
        return header.ColumnMajor ? RowMajor(header.Shape, values) : Tensor.Wrap(header.Shape, values);
    }

    /// <summary>Reads an array in double precision: its shape and its elements, row-major.</summary>
    /// <exception cref="DataFormatException">The bytes are not such a file, are damaged, or too large.</exception>
    public static (Shape Shape, double[] Values) ReadDoubles(Stream stream, long mostBytes = ByteLimit)
    {
        (NpyHeader header, double[] values) = Elements(stream, mostBytes, value => value);
        if (!header.ColumnMajor)
        {
            return (header.Shape, values);
        }

        int[] places = Places(header.Shape);
        return (header.Shape, Array.ConvertAll(places, place => values[place]));
    }

    /// <summary>Writes a tensor.</summary>
    /// <exception cref="ArgumentException">The options name a type or a version that does not exist.</exception>
    public static void Write(Stream stream, Tensor tensor, NpyOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(stream);
        ArgumentNullException.ThrowIfNull(tensor);
        options ??= new NpyOptions();
        NpyType type = options.Type ?? NpyType.Float32;
        if (!type.Exists || options.Version is < 1 or > 3)
        {
            throw new ArgumentException($"npy: type {type} in version {options.Version} does not exist; use a type of NumPy's and version 1, 2 or 3");
        }

        new NpyHeader(type, options.ColumnMajor, tensor.Shape).Write(stream, options.Version);
        Tensor laid = options.ColumnMajor ? tensor.Transpose([.. Enumerable.Range(0, tensor.Rank).Reverse()]) : tensor;
        var bytes = new byte[Block];
        int at = 0;
        foreach (float value in laid.Values)
        {
            NpyElements.Write(value, bytes.AsSpan(at, type.Bytes), type);
            at += type.Bytes;
            if (at == Block)
            {
                stream.Write(bytes);
                at = 0;
            }
        }

        stream.Write(bytes, 0, at);
    }

    /// <summary>Reads a file.</summary>
    /// <exception cref="DataFormatException">As <see cref="Read"/>, with the file's name.</exception>
    public static Tensor Load(string path)
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
    public static void Save(string path, Tensor tensor, NpyOptions? options = null) =>
        AtomicFile.Write(path, file => Write(file, tensor, options));

    private static (NpyHeader Header, T[] Values) Elements<T>(Stream stream, long mostBytes, Func<double, T> convert)
    {
        ArgumentNullException.ThrowIfNull(stream);
        NpyHeader header = NpyHeader.Read(stream);
        if (header.DataBytes > mostBytes)
        {
            throw new DataFormatException($"npy: an array {header.Shape} of {header.DataBytes:N0} bytes is beyond the limit of {mostBytes:N0}; raise it if the file is trusted");
        }

        // Where the stream cannot tell that all is there, memory grows with what has come, not with the header's promise.
        bool there = stream.CanSeek && stream.Length - stream.Position >= header.DataBytes;
        int count = header.Shape.Count, size = header.Type.Bytes;
        var values = new T[there ? count : Math.Min(count, Block)];
        var bytes = new byte[(int)Math.Min(Block, header.DataBytes)];
        for (int read = 0; read < count;)
        {
            Span<byte> part = bytes.AsSpan(0, (int)Math.Min((long)(count - read) * size, bytes.Length));
            if (stream.ReadAtLeast(part, part.Length, throwOnEndOfStream: false) < part.Length)
            {
                throw new DataFormatException($"npy: the file ends before the {header.DataBytes:N0} bytes of an array {header.Shape}; it is cut short");
            }

            if (read + (part.Length / size) > values.Length)
            {
                Array.Resize(ref values, (int)Math.Min(count, 2L * values.Length));
            }

            for (; !part.IsEmpty; part = part[size..])
            {
                values[read++] = convert(NpyElements.Read(part[..size], header.Type));
            }
        }

        return (header, values);
    }

    private static Tensor RowMajor(Shape shape, float[] values)
    {
        int[] order = [.. Enumerable.Range(0, shape.Rank).Reverse()];
        return Tensor.Wrap(new Shape(Array.ConvertAll(order, axis => shape[axis])), values).Transpose(order);
    }

    // Where each element of the row-major order stands in the column-major one.
    private static int[] Places(Shape shape)
    {
        var places = new int[shape.Count];
        var indices = new int[shape.Rank];
        for (int i = 0; i < places.Length; i++)
        {
            int place = 0;
            for (int axis = shape.Rank - 1; axis >= 0; axis--)
            {
                place = (place * shape[axis]) + indices[axis];
            }

            places[i] = place;
            for (int axis = shape.Rank - 1; axis >= 0 && ++indices[axis] == shape[axis]; axis--)
            {
                indices[axis] = 0;
            }
        }

        return places;
    }
}
