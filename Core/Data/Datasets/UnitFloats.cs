using System.Numerics;

namespace Fovea.Core.Data;

/// <summary>Between a pixel's byte 0..255 and its float 0..1.</summary>
internal static class UnitFloats
{
    /// <summary>Each byte divided by 255, correctly rounded, whatever the vector width.</summary>
    public static void FromBytes(ReadOnlySpan<byte> bytes, Span<float> floats)
    {
        int i = 0;
        int lanes = Vector<float>.Count;
        Vector<float> scale = new(255f);
        for (; i <= bytes.Length - Vector<byte>.Count; i += Vector<byte>.Count)
        {
            Vector.Widen(new Vector<byte>(bytes[i..]), out Vector<ushort> low, out Vector<ushort> high);
            Vector.Widen(low, out Vector<uint> first, out Vector<uint> second);
            Vector.Widen(high, out Vector<uint> third, out Vector<uint> fourth);
            Span<float> target = floats.Slice(i, 4 * lanes);
            (Vector.ConvertToSingle(Vector.AsVectorInt32(first)) / scale).CopyTo(target);
            (Vector.ConvertToSingle(Vector.AsVectorInt32(second)) / scale).CopyTo(target[lanes..]);
            (Vector.ConvertToSingle(Vector.AsVectorInt32(third)) / scale).CopyTo(target[(2 * lanes)..]);
            (Vector.ConvertToSingle(Vector.AsVectorInt32(fourth)) / scale).CopyTo(target[(3 * lanes)..]);
        }

        for (; i < bytes.Length; i++)
        {
            floats[i] = bytes[i] / 255f;
        }
    }

    /// <summary>The nearest byte to a float in 0..1; null for any other number.</summary>
    public static byte? ToByte(float value) => value is >= 0f and <= 1f ? (byte)((value * 255f) + 0.5f) : null;
}
