using Fovea.Core.Plans;
using Fovea.Core.Shapes;

namespace Fovea.Core.Layers;

/// <summary>
/// Layer normalisation: y = (x − mean) / √(variance + ε) · weight + bias with the (biased) statistics of an image's last axes
/// (Ba, Kiros and Hinton, "Layer normalization", 2016), which weight and bias have the shape of, as in PyTorch; or of the
/// channels of each pixel, with a weight and a bias for each channel, as ConvNeXt has it (Liu et al., "A ConvNet for the
/// 2020s", 2022). Images and vectors keep their shape. Parameters: <c>weight</c>, one, and <c>bias</c>, zero.
/// </summary>
public sealed record LayerNorm : Layer
{
    /// <summary>How many of the last axes are normalised together; 0 for all.</summary>
    public int Axes { get; init; }

    /// <summary>Whether the channels of each pixel are normalised instead.</summary>
    public bool OfChannels { get; init; }

    /// <summary>What is added to the variance.</summary>
    public double Epsilon { get; init; } = Norms.UsualEpsilon;

    /// <summary>Whether there are a weight and a bias.</summary>
    public bool Affine { get; init; } = true;

    /// <inheritdoc/>
    public override string Kind => OfChannels ? "channelNorm" : "layerNorm";

    /// <inheritdoc/>
    public override Node Resolve(Shape input)
    {
        ArgumentNullException.ThrowIfNull(input);
        Norms.RequireNumbers(this, 0, Epsilon);
        NormOptions options = new(Epsilon, Affine);
        if (OfChannels)
        {
            Norms.RequireChannels(this, input);
            return new NormNode(Kind, input, NormShape.OfChannels(input[0], input.Tail.Count), options, Affine ? Norms.Affine(new Shape(input[0])) : []);
        }

        int axes = Axes == 0 ? input.Rank : Axes;
        if (input.Rank == 0 || axes < 1 || axes > input.Rank)
        {
            throw new ShapeException(ToString(), $"{input} does not have {axes} axes", $"normalise its last 1..{input.Rank}");
        }

        Shape last = Shape.Of(input.ToArray()[^axes..]);
        return new NormNode(Kind, input, NormShape.OfLastAxes(input.Count, last.Count), options, Affine ? Norms.Affine(last) : []);
    }

    /// <inheritdoc/>
    protected override string Describe() => Norms.Describe(Kind, Epsilon, Affine, Axes == 0 ? null : Axes == 1 ? "of the last axis" : $"of the last {Axes} axes");
}
