using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Fovea.Core.Formats;

/// <summary>Elements of safetensors files, low byte first, as float32.</summary>
internal static class SafeTensorsElements
{
    /// <summary>The types by the names that the format gives them.</summary>
    public static IReadOnlyDictionary<string, SafeTensorsType> Names { get; } =
        Enum.GetValues<SafeTensorsType>().ToDictionary(type => type.ToString().ToUpperInvariant());

    /// <summary>Bytes an element.</summary>
    public static int Size(SafeTensorsType type) =>
        type switch
        {
            SafeTensorsType.Bool or SafeTensorsType.U8 or SafeTensorsType.I8 => 1,
            SafeTensorsType.U16 or SafeTensorsType.I16 or SafeTensorsType.F16 or SafeTensorsType.BF16 => 2,
            SafeTensorsType.U32 or SafeTensorsType.I32 or SafeTensorsType.F32 => 4,
            _ => 8,
        };

    /// <summary>Reads elements; those that float32 does not hold are rounded to the nearest that it does.</summary>
    /// <param name="bytes">The elements in the file.</param>
    /// <param name="type">Their type.</param>
    /// <param name="to">As many floats.</param>
    public static void Read(ReadOnlySpan<byte> bytes, SafeTensorsType type, Span<float> to)
    {
        if (type == SafeTensorsType.F32 && BitConverter.IsLittleEndian)
        {
            MemoryMarshal.Cast<byte, float>(bytes).CopyTo(to);
            return;
        }

        int size = Size(type);
        Func<ReadOnlySpan<byte>, float> read = Reader(type);
        for (int i = 0; i < to.Length; i++)
        {
            to[i] = read(bytes.Slice(i * size, size));
        }
    }

    /// <summary>Writes elements as F32.</summary>
    public static void Write(ReadOnlySpan<float> values, Span<byte> to)
    {
        for (int i = 0; i < values.Length; i++)
        {
            BinaryPrimitives.WriteSingleLittleEndian(to[(4 * i)..], values[i]);
        }
    }

    private static Func<ReadOnlySpan<byte>, float> Reader(SafeTensorsType type) =>
        type switch
        {
            SafeTensorsType.Bool => static b => b[0] == 0 ? 0 : 1,
            SafeTensorsType.U8 => static b => b[0],
            SafeTensorsType.I8 => static b => (sbyte)b[0],
            SafeTensorsType.U16 => static b => BinaryPrimitives.ReadUInt16LittleEndian(b),
            SafeTensorsType.I16 => static b => BinaryPrimitives.ReadInt16LittleEndian(b),
            SafeTensorsType.F16 => static b => (float)BinaryPrimitives.ReadHalfLittleEndian(b),
            SafeTensorsType.BF16 => static b => BitConverter.UInt32BitsToSingle((uint)BinaryPrimitives.ReadUInt16LittleEndian(b) << 16),
            SafeTensorsType.U32 => static b => BinaryPrimitives.ReadUInt32LittleEndian(b),
            SafeTensorsType.I32 => static b => BinaryPrimitives.ReadInt32LittleEndian(b),
            SafeTensorsType.F32 => static b => BinaryPrimitives.ReadSingleLittleEndian(b),
            SafeTensorsType.U64 => static b => BinaryPrimitives.ReadUInt64LittleEndian(b),
            SafeTensorsType.I64 => static b => BinaryPrimitives.ReadInt64LittleEndian(b),
            _ => static b => (float)BinaryPrimitives.ReadDoubleLittleEndian(b),
        };
}
