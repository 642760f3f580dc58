using Fovea.Core.Shapes;

namespace Fovea.Core.Plans;

/// <summary>
/// A batch normalisation with running statistics as part of the convolution before it: with f = scale / √(variance + ε),
/// (x ⋆ w + b − mean)·f + shift = x ⋆ (w·f) + (b − mean)·f + shift.
/// </summary>
internal sealed unsafe class FoldedNorm(ConvShape shape, bool hasBias, BatchNormOptions options)
{
    /// <summary>Writes the weights and the bias of the convolution that does both.</summary>
    /// <param name="parameters">The convolution's weight and bias, then the normalisation's scale, shift, mean and variance, as far as there are any.</param>
    /// <param name="weights">Where the weights go, plain.</param>
    /// <param name="bias">Where the bias goes, a float a filter.</param>
    public void Fold(float*[] parameters, float* weights, float* bias)
    {
        ReadOnlySpan<float> Channels(int parameter) => new(parameters[parameter], shape.K);
        int first = hasBias ? 2 : 1, running = options.IsAffine ? first + 2 : first;
        ReadOnlySpan<float> mean = Channels(running), variance = Channels(running + 1);
        int window = (int)(shape.WeightCount / shape.K);
        for (int k = 0; k < shape.K; k++)
        {
            double factor = (options.IsAffine ? Channels(first)[k] : 1) / Math.Sqrt(variance[k] + options.Epsilon);
            double shift = options.IsAffine ? Channels(first + 1)[k] : 0;
            bias[k] = (float)((((hasBias ? Channels(1)[k] : 0.0) - mean[k]) * factor) + shift);
            for (long i = (long)k * window; i < (k + 1L) * window; i++)
            {
                weights[i] = (float)(parameters[0][i] * factor);
            }
        }
    }
}
