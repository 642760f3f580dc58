using Fovea.Core.Randomness;

namespace Fovea.Core.Kernels.Channels;

/// <summary>Which elements one step of dropout keeps.</summary>
/// <param name="Key">The step's key.</param>
/// <param name="Rate">The probability of dropping, 0..1.</param>
/// <param name="Scope">What is dropped together.</param>
public readonly record struct DropoutDraws(RandomKey Key, double Rate, DropScope Scope)
{
    // Draws have 24 bits; those below are dropped.
    private readonly uint below = (uint)Math.Round(Rate * (1 << 24));

    /// <summary>What is kept is multiplied by this: 1 / (1 − rate), and 0 where nothing is kept.</summary>
    public double Factor => Rate < 1 ? 1 / (1 - Rate) : 0;

    /// <summary>The key of an image's draws.</summary>
    public RandomKey KeyOf(int image) => Key.Child(image);

    /// <summary>Whether a draw keeps its element.</summary>
    public bool Keeps(uint draw) => draw >> 8 >= below;

    /// <summary>Whether a channel is kept, or the image or batch that it is in.</summary>
    public bool KeepsChannel(RandomKey image, int channel) =>
        Scope switch
        {
            DropScope.Channel => Keeps(image, (ulong)channel),
            DropScope.Image => Keeps(image, 0),
            _ => Keeps(Key, 0),
        };

    /// <summary>Whether the element at a position is kept.</summary>
    public bool Keeps(RandomKey image, ulong position)
    {
        (uint a, uint b, uint c, uint d) = Philox.Draw(image, position >> 2);
        return Keeps((position & 3) switch { 0 => a, 1 => b, 2 => c, _ => d });
    }
}
