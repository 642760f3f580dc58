using Fovea.Core.Randomness;

namespace Fovea.Core.Data;

/// <summary>
/// The random draws of one stage of augmentation for one image in one epoch. Draw number i is a function of the seed,
/// the stage's place, the image, the epoch and i alone: no order of images and no number of threads changes it.
/// </summary>
public readonly struct Draws
{
    private readonly RandomKey lasting;
    private readonly RandomKey key;

    /// <summary>The draws of a stage for an image in an epoch.</summary>
    /// <param name="stage">The stage's key, made from the seed and its place.</param>
    /// <param name="epoch">The epoch, from 0.</param>
    /// <param name="image">The image's place in the dataset.</param>
    public Draws(RandomKey stage, int epoch, int image)
    {
        Epoch = epoch;
        lasting = stage.Child(image);
        key = lasting.Child(epoch);
    }

    /// <summary>The epoch, from 0.</summary>
    public int Epoch { get; }

    /// <summary>A float in [0, 1).</summary>
    public float Uniform(int position) => Philox.Uniform(key, (ulong)position);

    /// <summary>A whole number from 0 to <paramref name="below"/> − 1.</summary>
    // The bias of multiplying without rejection is below/2³², too small to be seen in any number of images.
    public int Below(int position, int below) => (int)(((ulong)Bits(key, position) * (uint)below) >> 32);

    /// <summary>Heads or tails.</summary>
    public bool Coin(int position) => Bits(key, position) >> 31 != 0;

    /// <summary>Heads or tails, the same for this image in every epoch.</summary>
    public bool LastingCoin(int position) => Bits(lasting, position) >> 31 != 0;

    /// <summary>The draws in order, from the first on.</summary>
    public Random ToRandom() => new CounterRandom(key);

    private static uint Bits(RandomKey key, int position)
    {
        (uint a, uint b, uint c, uint d) = Philox.Draw(key, (ulong)position >> 2);
        return (position & 3) switch { 0 => a, 1 => b, 2 => c, _ => d };
    }
}
