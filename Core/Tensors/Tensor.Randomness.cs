using Fovea.Core.Randomness;
using Fovea.Core.Shapes;

namespace Fovea.Core.Tensors;

public sealed partial class Tensor
{
    /// <summary>Draws from the uniform distribution over [low, high).</summary>
    public static Tensor Uniform(Shape shape, RandomKey key, float low = 0, float high = 1)
    {
        Tensor drawn = Zeros(shape);
        float[] values = drawn.Values;
        for (int i = 0; i < values.Length; i++)
        {
            float value = low + ((high - low) * Philox.Uniform(key, (ulong)i));
            values[i] = value < high || low == high ? value : MathF.BitDecrement(high); // Rounding may reach the bound.
        }

        return drawn;
    }

    /// <summary>Draws from the uniform distribution over [low, high); a seed gives the same draws always.</summary>
    public static Tensor Uniform(Shape shape, int seed, float low = 0, float high = 1) =>
        Uniform(shape, RandomKey.Of(seed), low, high);

    /// <summary>Draws from the normal distribution (MathNet's).</summary>
    /// <exception cref="ArgumentException">The standard deviation is negative.</exception>
    public static Tensor Normal(Shape shape, RandomKey key, float mean = 0, float standardDeviation = 1)
    {
        Tensor drawn = Zeros(shape);
        var samples = new double[drawn.Count];
        MathNet.Numerics.Distributions.Normal.Samples(new CounterRandom(key), samples, mean, standardDeviation);
        for (int i = 0; i < samples.Length; i++)
        {
            drawn.Values[i] = (float)samples[i];
        }

        return drawn;
    }

    /// <summary>Draws from the normal distribution (MathNet's); a seed gives the same draws always.</summary>
    /// <exception cref="ArgumentException">The standard deviation is negative.</exception>
    public static Tensor Normal(Shape shape, int seed, float mean = 0, float standardDeviation = 1) =>
        Normal(shape, RandomKey.Of(seed), mean, standardDeviation);
}
