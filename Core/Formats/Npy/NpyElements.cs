using System.Buffers.Binary;

namespace Fovea.Core.Formats;

/// <summary>Elements of NumPy files as doubles, in which all of them but the largest 64-bit numbers are exact.</summary>
internal static class NpyElements
{
    /// <summary>Reads one element.</summary>
    public static double Read(ReadOnlySpan<byte> bytes, NpyType type)
    {
        ulong bits = Bits(bytes, type.BigEndian);
        return (type.Kind, type.Bytes) switch
        {
            (NpyKind.Boolean, _) => bits != 0 ? 1 : 0,
            (NpyKind.Unsigned, _) => bits,
            (NpyKind.Integer, 1) => (sbyte)bits,
            (NpyKind.Integer, 2) => (short)bits,
            (NpyKind.Integer, 4) => (int)bits,
            (NpyKind.Integer, _) => (long)bits,
            (_, 2) => (double)BitConverter.UInt16BitsToHalf((ushort)bits),
            (_, 4) => BitConverter.UInt32BitsToSingle((uint)bits),
            _ => BitConverter.UInt64BitsToDouble(bits),
        };
    }

    /// <summary>Writes one element; whole numbers are rounded and cut to what the type holds, NaN becomes 0 in them.</summary>
    public static void Write(double value, Span<byte> bytes, NpyType type)
    {
        ulong bits = (type.Kind, type.Bytes) switch
        {
            (NpyKind.Boolean, _) => value != 0 ? 1UL : 0UL,
            (NpyKind.Float, 2) => BitConverter.HalfToUInt16Bits((Half)value),
            (NpyKind.Float, 4) => BitConverter.SingleToUInt32Bits((float)value),
            (NpyKind.Float, _) => BitConverter.DoubleToUInt64Bits(value),
            (NpyKind.Unsigned, var size) => Math.Min(ulong.CreateSaturating(Math.Round(value)), ulong.MaxValue >> (64 - (8 * size))),
            (_, var size) => (ulong)Math.Clamp(long.CreateSaturating(Math.Round(value)), long.MinValue >> (64 - (8 * size)), long.MaxValue >> (64 - (8 * size))),
        };

        for (int i = 0; i < bytes.Length; i++)
        {
            bytes[type.BigEndian ? bytes.Length - 1 - i : i] = (byte)(bits >> (8 * i));
        }
    }

    private static ulong Bits(ReadOnlySpan<byte> bytes, bool bigEndian) =>
        bytes.Length switch
        {
            1 => bytes[0],
            2 => bigEndian ? BinaryPrimitives.ReadUInt16BigEndian(bytes) : BinaryPrimitives.ReadUInt16LittleEndian(bytes),
            4 => bigEndian ? BinaryPrimitives.ReadUInt32BigEndian(bytes) : BinaryPrimitives.ReadUInt32LittleEndian(bytes),
            _ => bigEndian ? BinaryPrimitives.ReadUInt64BigEndian(bytes) : BinaryPrimitives.ReadUInt64LittleEndian(bytes),
        };
}
