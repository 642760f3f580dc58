namespace Fovea.Core.Formats;

/// <summary>The checksum of zlib streams (RFC 1950).</summary>
internal static class Adler32
{
    private const uint Modulus = 65521;
    private const int MostBeforeOverflow = 5552;

    /// <summary>The checksum of more bytes after those whose checksum is <paramref name="adler"/>; 1 to begin with.</summary>
    public static uint Append(uint adler, ReadOnlySpan<byte> bytes)
    {
        uint low = adler & 0xFFFF;
        uint high = adler >> 16;
        while (!bytes.IsEmpty)
        {
            ReadOnlySpan<byte> part = bytes[..Math.Min(bytes.Length, MostBeforeOverflow)];
            foreach (byte value in part)
            {
                low += value;
                high += low;
            }

            low %= Modulus;
            high %= Modulus;
            bytes = bytes[part.Length..];
        }

        return (high << 16) | low;
    }
}
