namespace Fovea.Core.Randomness;

/// <summary>
/// Philox 4×32 with ten rounds (Salmon, Moraes, Dror and Shaw, "Parallel random numbers: as easy as 1, 2, 3", 2011):
/// a function from a key and a counter to 128 random bits. Having no state, it gives draw number i without the
/// draws before it.
/// </summary>
public static class Philox
{
    /// <summary>The four 32-bit words at <paramref name="counter"/> of the stream named by <paramref name="key"/>.</summary>
    public static (uint A, uint B, uint C, uint D) Draw(RandomKey key, ulong counter) =>
        Rounds((uint)counter, (uint)(counter >> 32), 0, 0, (uint)key.Value, (uint)(key.Value >> 32));

    /// <summary>The function itself: four counter words, two key words, ten rounds.</summary>
    public static (uint A, uint B, uint C, uint D) Rounds(uint a, uint b, uint c, uint d, uint key0, uint key1)
    {
        for (int round = 0; round < 10; round++)
        {
            ulong first = 0xD2511F53UL * a;
            ulong second = 0xCD9E8D57UL * c;
            (a, b, c, d) = ((uint)(second >> 32) ^ b ^ key0, (uint)second, (uint)(first >> 32) ^ d ^ key1, (uint)first);
            key0 += 0x9E3779B9;
            key1 += 0xBB67AE85;
        }

        return (a, b, c, d);
    }

    /// <summary>A float in [0, 1) with 24 random bits, at a position of a stream.</summary>
    public static float Uniform(RandomKey key, ulong position)
    {
        (uint a, uint b, uint c, uint d) = Draw(key, position >> 2);
        uint word = (position & 3) switch { 0 => a, 1 => b, 2 => c, _ => d };
        return (word >> 8) * (1f / (1 << 24));
    }
}
