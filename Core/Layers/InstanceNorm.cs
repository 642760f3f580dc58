using System.Globalization;
using Fovea.Core.Plans;
using Fovea.Core.Shapes;

namespace Fovea.Core.Layers;

/// <summary>
/// Instance normalisation: every channel of every image by itself, y = (x − mean) / √(variance + ε) with the (biased)
/// statistics of its pixels (Ulyanov, Vedaldi and Lempitsky, "Instance normalization", 2016). Images C×H×W and signals C×L keep their shape.
/// As in PyTorch there are no parameters unless they are asked for: <c>weight</c>, one, and <c>bias</c>, zero, for each
/// channel; and the buffers <c>running_mean</c> and <c>running_var</c>, which evaluation then goes by and training moves by
/// the momentum towards the batch's mean of the images' statistics, the variance without bias.
/// </summary>
public sealed record InstanceNorm : Layer
{
    /// <summary>What is added to the variance.</summary>
    public double Epsilon { get; init; } = Norms.UsualEpsilon;

    /// <summary>Whether there are a weight and a bias.</summary>
    public bool Affine { get; init; }

    /// <summary>Whether running statistics are kept: PyTorch's track_running_stats.</summary>
    public bool Track { get; init; }

    /// <summary>The share of a batch's statistics in the running ones, 0..1.</summary>
    public double Momentum { get; init; } = 0.1;

    /// <inheritdoc/>
    public override string Kind => "instanceNorm";

    /// <inheritdoc/>
    public override Node Resolve(Shape input)
    {
        ArgumentNullException.ThrowIfNull(input);
        if (input.Rank != 2)
        {
            RequireImage(input);
        }

        Norms.RequireNumbers(this, Momentum, Epsilon);
        int channels = input[0], pixels = input.Tail.Count;
        if (pixels == 1)
        {
            throw new ShapeException(ToString(), $"each channel of {input} has one pixel, which is its own mean: nothing would be left of it", "put it before the pooling, or use groupNorm or layerNorm");
        }

        Shape each = new(channels);
        return new NormNode(
            Kind,
            input,
            NormShape.OfGroups(channels, pixels, channels),
            new NormOptions(Epsilon, Affine, Track ? Momentum : null),
            [.. Affine ? Norms.Affine(each) : [], .. Track ? Norms.Running(each) : []]);
    }

    /// <inheritdoc/>
    protected override string Describe() =>
        Norms.Describe(
            Kind,
            Epsilon,
            true,
            Affine ? "affine" : null,
            Track ? "tracking" : null,
            Track && Momentum != 0.1 ? string.Create(CultureInfo.InvariantCulture, $"momentum {Momentum}") : null);
}
