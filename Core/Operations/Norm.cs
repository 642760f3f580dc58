using Fovea.Core.Dispatch;
using Fovea.Core.Shapes;
using Fovea.Core.Tensors;

namespace Fovea.Core.Operations;

/// <summary>Normalisations of single images, y = (x − mean) / √(variance + ε) · scale + shift with biased statistics.</summary>
public static unsafe class Norm
{
    /// <summary>
    /// By the statistics of so many groups of channels, over all their pixels (Wu and He, "Group normalization", 2018); of as many groups as
    /// channels, instance norm (Ulyanov, Vedaldi and Lempitsky, "Instance normalization", 2016).
    /// </summary>
    /// <param name="x">N×C×…</param>
    /// <param name="groups">A number that divides the channels.</param>
    /// <param name="scale">C, or null for 1.</param>
    /// <param name="shift">C, or null for 0.</param>
    /// <param name="epsilon">What is added to the variance.</param>
    /// <returns>y, of the shape of x.</returns>
    /// <exception cref="ShapeException">The shapes do not fit.</exception>
    public static Tensor OfGroups(Tensor x, int groups, Tensor? scale = null, Tensor? shift = null, double epsilon = 1e-5)
    {
        ArgumentNullException.ThrowIfNull(x);
        if (x.Rank < 2 || groups < 1 || x.Shape[1] % groups != 0)
        {
            throw new ShapeException("groupNorm", $"expected (batch, channels, ...) with channels in {groups} equal groups, got {x.Shape}", "use a number of groups that divides the channels");
        }

        int channels = x.Shape[1], pixels = x.Shape.Tail.Tail.Count;
        Weights("groupNorm", new Shape(channels), scale, shift);
        return Run(new(x.Shape[0], channels, pixels, NormShape.OfGroups(channels, pixels, groups)), x, scale, shift, epsilon);
    }

    /// <summary>By the statistics of the last axes together (Ba, Kiros and Hinton, "Layer normalization", 2016).</summary>
    /// <param name="x">Any shape.</param>
    /// <param name="axes">How many of the last axes.</param>
    /// <param name="scale">Of the last axes' shape, or null for 1.</param>
    /// <param name="shift">Of the last axes' shape, or null for 0; with a scale both or neither.</param>
    /// <param name="epsilon">What is added to the variance.</param>
    /// <returns>y, of the shape of x.</returns>
    /// <exception cref="ShapeException">The shapes do not fit.</exception>
    public static Tensor OfLastAxes(Tensor x, int axes, Tensor? scale = null, Tensor? shift = null, double epsilon = 1e-5)
    {
        ArgumentNullException.ThrowIfNull(x);
        if (axes < 1 || axes > x.Rank)
        {
            throw new ShapeException("layerNorm", $"{x.Shape} does not have {axes} axes", $"normalise its last 1..{x.Rank}");
        }

        Shape last = Shape.Of(x.Shape.ToArray()[^axes..]);
        Weights("layerNorm", last, scale, shift);
        if (x.Count == 0)
        {
            return Tensor.Zeros(x.Shape);
        }

        Tensor? one = scale ?? (shift is null ? null : Tensor.Ones(last)), zero = shift ?? (scale is null ? null : Tensor.Zeros(last));
        return Run(new(1, 1, x.Count, NormShape.OfLastAxes(x.Count, last.Count)), x, one, zero, epsilon);
    }

    private static Tensor Run(ImageNormShape s, Tensor x, Tensor? scale, Tensor? shift, double epsilon)
    {
        ImageNormalization algorithm = NormalizationTables.ChooseImage(s, Layout.Plain).Algorithm;
        using Buffers buffers = new(Workers.Shared);
        long groups = (long)s.N * s.Groups.Groups;
        float* y = buffers.In(x), mean = buffers.Take(groups), variance = buffers.Take(groups);
        algorithm.Forward(s, Layout.Plain, epsilon, y, In(buffers, scale), In(buffers, shift), y, mean, variance, buffers.Scratch(algorithm.ScratchFloats(s)), buffers.Workers);
        return buffers.Out(y, x.Shape);
    }

    private static float* In(Buffers buffers, Tensor? weights) => weights is null ? null : buffers.In(weights);

    private static void Weights(string where, Shape expected, Tensor? scale, Tensor? shift)
    {
        Ranks.Same(where, "a scale", expected, scale?.Shape ?? expected);
        Ranks.Same(where, "a shift", expected, shift?.Shape ?? expected);
    }
}
