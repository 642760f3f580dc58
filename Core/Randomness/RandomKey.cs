namespace Fovea.Core.Randomness;

/// <summary>
/// The name of a stream of random draws: a seed and the path that was taken from it, such as (seed, "augment", epoch,
/// image). Equal keys give equal draws, on any thread and in any order; different keys give independent ones.
/// </summary>
public readonly record struct RandomKey
{
    private RandomKey(ulong value) => Value = value;

    /// <summary>The key's 64 bits.</summary>
    public ulong Value { get; }

    /// <summary>The key of a seed.</summary>
    public static RandomKey Of(int seed) => new(Mix((ulong)(uint)seed + 0x9E3779B97F4A7C15UL));

    /// <summary>The key of the <paramref name="index"/>-th thing below this one: an epoch, an image, a step.</summary>
    public RandomKey Child(long index) => new(Mix(Value + (0x9E3779B97F4A7C15UL * ((ulong)index + 1))));

    /// <summary>The key of a named purpose below this one, so that two purposes never share draws.</summary>
    public RandomKey Child(string purpose)
    {
        ArgumentNullException.ThrowIfNull(purpose);
        ulong hash = 14695981039346656037UL; // FNV-1a over UTF-16 units; string.GetHashCode differs from run to run.
        foreach (char unit in purpose)
        {
            hash = (hash ^ unit) * 1099511628211UL;
        }

        return new(Mix(Value ^ Mix(hash)));
    }

    // The finaliser of SplitMix64 (Steele, Lea and Flood 2014): a bijection that spreads every bit.
    private static ulong Mix(ulong z)
    {
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9UL;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EBUL;
        return z ^ (z >> 31);
    }
}
