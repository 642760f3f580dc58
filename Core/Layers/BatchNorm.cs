using System.Globalization;
using Fovea.Core.Plans;
using Fovea.Core.Shapes;

namespace Fovea.Core.Layers;

/// <summary>
/// Batch normalisation of every channel of images C×H×W or signals C×L, or of every feature of vectors: y = (x − mean) / √(variance + ε) ·
/// weight + bias (Ioffe and Szegedy, "Batch normalization", 2015). In training, mean and variance are the batch's own
/// (biased), and the running ones move towards them by the momentum, the variance without bias; in evaluation, and in a
/// frozen block, they are the running ones. Parameters: <c>weight</c>, one, and <c>bias</c>, zero; and the buffers
/// <c>running_mean</c>, zero, and <c>running_var</c>, one, which are no parameters that a network is counted by.
/// A training batch with one element of each channel has no variance and is an error.
/// </summary>
public sealed record BatchNorm : Layer
{
    /// <summary>The share of a batch's statistics in the running ones, 0..1.</summary>
    public double Momentum { get; init; } = 0.1;

    /// <summary>What is added to the variance, so that a constant channel does no harm.</summary>
    public double Epsilon { get; init; } = Norms.UsualEpsilon;

    /// <summary>Whether there are a weight and a bias.</summary>
    public bool Affine { get; init; } = true;

    /// <inheritdoc/>
    public override string Kind => "batchNorm";

    /// <inheritdoc/>
    public override Node Resolve(Shape input)
    {
        Norms.RequireChannels(this, input);
        Norms.RequireNumbers(this, Momentum, Epsilon);
        Shape channels = new(input[0]);
        return new BatchNormNode(input, new BatchNormOptions(Momentum, Epsilon, Affine), [.. Affine ? Norms.Affine(channels) : [], .. Norms.Running(channels)]);
    }

    /// <inheritdoc/>
    protected override string Describe() =>
        Norms.Describe(Kind, Epsilon, Affine, Momentum == 0.1 ? null : string.Create(CultureInfo.InvariantCulture, $"momentum {Momentum}"));
}
