using Fovea.Core.Dispatch;
using Fovea.Core.Shapes;

namespace Fovea.Core.Plans;

/// <summary>What a normalisation of single images is, beside the elements that it takes together.</summary>
/// <param name="Epsilon">What is added to the variance.</param>
/// <param name="IsAffine">Whether there are a scale and a shift.</param>
/// <param name="Momentum">The share of a batch's statistics in the running ones; null where none are kept.</param>
/// <param name="IsFrozen">Whether running statistics, where they are kept, are used and left alone in training as well.</param>
public sealed record NormOptions(double Epsilon, bool IsAffine, double? Momentum = null, bool IsFrozen = false);

/// <summary>
/// Group, layer or instance normalisation: every image by its own statistics, in training as in evaluation. Where running
/// statistics are kept, which only instance normalisation may, evaluation goes by them, and training moves them.
/// </summary>
public sealed class NormNode : Node
{
    private readonly ImageSizes sizes;

    /// <summary>Creates the node.</summary>
    /// <param name="name">The operation's name, such as <c>groupNorm</c>.</param>
    /// <param name="shape">The shape of one image, its first extent the channels.</param>
    /// <param name="groups">What is normalised together.</param>
    /// <param name="options">What it is.</param>
    /// <param name="parameters">Scale and shift, where it is affine; then the running mean and variance, where they are kept.</param>
    public NormNode(string name, Shape shape, NormShape groups, NormOptions options, IReadOnlyList<ParameterSpec> parameters)
    {
        Name = name;
        Output = shape;
        Groups = groups;
        Options = options;
        Parameters = parameters;
        sizes = ImageSizes.Of(shape);
    }

    /// <inheritdoc/>
    public override string Name { get; }

    /// <inheritdoc/>
    public override Shape Output { get; }

    /// <summary>What is normalised together.</summary>
    public NormShape Groups { get; }

    /// <summary>What it is.</summary>
    public NormOptions Options { get; }

    /// <inheritdoc/>
    public override IReadOnlyList<ParameterSpec> Parameters { get; }

    /// <inheritdoc/>
    public override Reach Reach => Groups.Inner == sizes.Pixels ? Reach.Pixel : Reach.Whole;

    /// <inheritdoc/>
    public override Node Frozen => new NormNode(Name, Output, Groups, Options with { IsFrozen = true }, Parameters);

    /// <summary>
    /// A product and a sum an element; and where the statistics are the image's own, a sum for the mean, and a
    /// difference, a product and a sum for the variance.
    /// </summary>
    public override long Flops => (Options.Momentum is null ? 6L : 2L) * Output.Count;

    /// <inheritdoc/>
    public override void Forward<T>(WitnessFrame<T> frame)
    {
        T[] mean = new T[frame.Images * Groups.Groups], variance = new T[frame.Images * Groups.Groups];
        frame.Saved = (mean, variance);
        if (OfImages(frame.Mode))
        {
            Reference.NormStatistics<T>(Groups, frame.Images, frame.X[0], mean, variance);
            for (int c = 0; Options.Momentum is { } momentum && frame.Images > 0 && c < sizes.C; c++)
            {
                Move(Running(frame, 0), mean, c, momentum, 1);
                Move(Running(frame, 1), variance, c, momentum, sizes.Pixels / (double)(sizes.Pixels - 1));
            }
        }
        else
        {
            for (int i = 0; i < mean.Length; i++)
            {
                (mean[i], variance[i]) = (Running(frame, 0)[i % sizes.C], Running(frame, 1)[i % sizes.C]);
            }
        }

        Reference.NormForward<T>(Groups, frame.Images, frame.X[0], mean, variance, T.CreateChecked(Options.Epsilon), Affine(frame, 0), Affine(frame, 1), frame.Y);
    }

    /// <inheritdoc/>
    public override void Backward<T>(WitnessFrame<T> frame)
    {
        (T[] mean, T[] variance) = ((T[], T[]))frame.Saved!;
        (T[] scale, T[] shift) = Options.IsAffine ? (frame.ParameterGradients[0], frame.ParameterGradients[1]) : ([], []);
        Reference.NormBackward<T>(
            Groups, frame.Images, frame.X[0], mean, variance, T.CreateChecked(Options.Epsilon), Affine(frame, 0), frame.Dy, OfImages(frame.Mode), frame.Dx[0], scale, shift);
    }

    /// <inheritdoc/>
    public override Step Lower(Lowering lowering) =>
        OfImages(lowering.Mode)
            ? new ImageNormStep(this, sizes, lowering)
            // Given statistics of each channel are what a batch norm goes by in evaluation.
            : new BatchNormNode(Output, new BatchNormOptions(0, Options.Epsilon, Options.IsAffine, IsFrozen: true), Parameters).Lower(lowering);

    /// <summary>Whether the statistics are the images' own.</summary>
    internal bool OfImages(RunMode mode) => Options.Momentum is null || (mode == RunMode.Training && !Options.IsFrozen);

    // The mean over the images of one channel's statistic, into the running one.
    private void Move<T>(T[] running, T[] statistics, int c, double momentum, double unbiased)
        where T : System.Numerics.IFloatingPointIeee754<T>
    {
        T sum = T.Zero;
        for (int i = c; i < statistics.Length; i += sizes.C)
        {
            sum += statistics[i];
        }

        T images = T.CreateChecked(statistics.Length / sizes.C);
        running[c] += T.CreateChecked(momentum) * ((sum / images * T.CreateChecked(unbiased)) - running[c]);
    }

    private T[] Running<T>(WitnessFrame<T> frame, int which)
        where T : System.Numerics.IFloatingPointIeee754<T> => frame.Parameters[Parameters.Count - 2 + which];

    private T[] Affine<T>(WitnessFrame<T> frame, int which)
        where T : System.Numerics.IFloatingPointIeee754<T> => Options.IsAffine ? frame.Parameters[which] : [];
}
