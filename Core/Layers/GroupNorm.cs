using Fovea.Core.Plans;
using Fovea.Core.Shapes;

namespace Fovea.Core.Layers;

/// <summary>
/// Group normalisation: the channels of every image in so many groups, y = (x − mean) / √(variance + ε) · weight + bias with
/// the (biased) statistics of the group's channels and pixels (Wu and He, "Group normalization", 2018). Images C×H×W, signals
/// C×L and vectors keep their shape. Parameters for each channel: <c>weight</c>, one, and <c>bias</c>, zero. Batches may be of any size.
/// </summary>
/// <param name="Groups">How many; must divide the channels.</param>
public sealed record GroupNorm(int Groups) : Layer
{
    /// <summary>What is added to the variance.</summary>
    public double Epsilon { get; init; } = Norms.UsualEpsilon;

    /// <summary>Whether there are a weight and a bias.</summary>
    public bool Affine { get; init; } = true;

    /// <inheritdoc/>
    public override string Kind => "groupNorm";

    /// <inheritdoc/>
    public override Node Resolve(Shape input)
    {
        Norms.RequireChannels(this, input);
        Norms.RequireNumbers(this, 0, Epsilon);
        int channels = input[0], pixels = input.Tail.Count;
        if (Groups < 1 || channels % Groups != 0)
        {
            throw new ShapeException(ToString(), $"{Groups} groups do not divide {channels} channels", $"use a number of groups that does, such as {Nearest(channels)}");
        }

        if (channels / Groups * pixels == 1)
        {
            throw new ShapeException(ToString(), $"each of the {Groups} groups of {input} has one value, which is its own mean: nothing would be left of it", "use fewer groups");
        }

        return new NormNode(Kind, input, NormShape.OfGroups(channels, pixels, Groups), new NormOptions(Epsilon, Affine), Affine ? Norms.Affine(new Shape(channels)) : []);
    }

    // The largest number of groups, up to the one that was asked for, that divides the channels.
    private int Nearest(int channels) => Enumerable.Range(1, Math.Clamp(Groups, 1, Math.Max(1, channels))).Last(groups => channels % groups == 0);

    /// <inheritdoc/>
    protected override string Describe() => Norms.Describe($"groupNorm {Groups}", Epsilon, Affine);
}
