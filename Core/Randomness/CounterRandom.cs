namespace Fovea.Core.Randomness;

/// <summary>
/// The draws of one key in order, as a <see cref="Random"/>, so that MathNet's distributions can sample from it.
/// Not safe from two threads at once; give each its own key.
/// </summary>
public sealed class CounterRandom : Random
{
    private readonly RandomKey key;
    private ulong position;

    /// <summary>Creates the draws of a key, from the first on.</summary>
    public CounterRandom(RandomKey key)
        : base(0) // A seed is passed only because the base class would otherwise read the system's entropy.
    {
        this.key = key;
    }

    /// <summary>The next 32 bits.</summary>
    public uint NextBits()
    {
        (uint a, uint b, uint c, uint d) = Philox.Draw(key, position >> 2);
        uint word = (position & 3) switch { 0 => a, 1 => b, 2 => c, _ => d };
        position++;
        return word;
    }

    /// <inheritdoc/>
    public override int Next() => (int)(NextBits() >> 1) is var draw && draw == int.MaxValue ? Next() : draw;

    /// <inheritdoc/>
    public override int Next(int maxValue) => Next(0, maxValue);

    /// <inheritdoc/>
    public override int Next(int minValue, int maxValue)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(minValue, maxValue);
        ulong range = (ulong)((long)maxValue - minValue);
        return range <= 1 ? minValue : (int)(minValue + (long)Below(range));
    }

    /// <inheritdoc/>
    public override long NextInt64() => (long)((((ulong)NextBits() << 32) | NextBits()) >> 1);

    /// <inheritdoc/>
    public override double NextDouble() => ((((ulong)NextBits() << 32) | NextBits()) >> 11) * (1.0 / (1UL << 53));

    /// <inheritdoc/>
    public override float NextSingle() => (NextBits() >> 8) * (1f / (1 << 24));

    /// <inheritdoc/>
    protected override double Sample() => NextDouble();

    /// <inheritdoc/>
    public override void NextBytes(byte[] buffer)
    {
        ArgumentNullException.ThrowIfNull(buffer);
        NextBytes(buffer.AsSpan());
    }

    /// <inheritdoc/>
    public override void NextBytes(Span<byte> buffer)
    {
        for (int i = 0; i < buffer.Length; i++)
        {
            buffer[i] = (byte)NextBits();
        }
    }

    // Lemire's multiply-shift with rejection ("Fast random integer generation in an interval", 2019): unbiased.
    private ulong Below(ulong range)
    {
        ulong product = NextBits() * range;
        if ((uint)product < range)
        {
            ulong threshold = (1UL << 32) % range;
            while ((uint)product < threshold)
            {
                product = NextBits() * range;
            }
        }

        return product >> 32;
    }
}
