using Fovea.Core.Randomness;
using Fovea.Core.Shapes;
using Fovea.Core.Tensors;
using MathNet.Numerics.Distributions;

namespace Fovea.Core.Layers;

/// <summary>How parameters begin: functions of their shape and a random key.</summary>
public static class Initial
{
    /// <summary>Every element the same.</summary>
    public static Func<Shape, RandomKey, Tensor> Constant(float value) =>
        (shape, _) =>
        {
            Tensor tensor = Tensor.Zeros(shape);
            Array.Fill(tensor.Values, value);
            return tensor;
        };

    /// <summary>
    /// Normal with mean 0 and standard deviation √(2 / fan-in), where the fan-in is C·R·S for filters K×C×R×S (He, Zhang,
    /// Ren and Sun, "Delving deep into rectifiers", 2015). Sampled by MathNet.
    /// </summary>
    public static Func<Shape, RandomKey, Tensor> He { get; } =
        (shape, key) =>
        {
            double fanIn = shape.Rank > 1 ? (double)shape.Count / shape[0] : shape.Count;
            Tensor tensor = Tensor.Zeros(shape);
            double[] samples = new double[shape.Count];
            Normal.Samples(new CounterRandom(key), samples, 0, Math.Sqrt(2 / fanIn));
            for (int i = 0; i < samples.Length; i++)
            {
                tensor.Values[i] = (float)samples[i];
            }

            return tensor;
        };
}
