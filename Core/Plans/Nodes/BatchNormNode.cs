using System.Numerics;
using Fovea.Core.Dispatch;
using Fovea.Core.Shapes;

namespace Fovea.Core.Plans;

/// <summary>What a batch normalisation is, beside the shape that it stands over.</summary>
/// <param name="Momentum">The share of the batch's statistics in the running ones after a step of training.</param>
/// <param name="Epsilon">What is added to the variance.</param>
/// <param name="IsAffine">Whether there are a scale and a shift.</param>
/// <param name="IsFrozen">Whether the running statistics are used, and left alone, in training as well.</param>
public sealed record BatchNormOptions(double Momentum, double Epsilon, bool IsAffine, bool IsFrozen = false);

/// <summary>
/// Batch normalisation. In training by the statistics of the batch, which also move the running ones; in evaluation by
/// the running ones: there it is a factor and a term for each channel, which a convolution before it can take in.
/// </summary>
public sealed class BatchNormNode : Node
{
    private readonly ImageSizes sizes;

    /// <summary>Creates the node.</summary>
    /// <param name="shape">The shape of one image, its first extent the channels.</param>
    /// <param name="options">What it is.</param>
    /// <param name="parameters">Scale and shift, where it is affine; then the running mean and variance.</param>
    public BatchNormNode(Shape shape, BatchNormOptions options, IReadOnlyList<ParameterSpec> parameters)
    {
        Output = shape;
        Options = options;
        Parameters = parameters;
        sizes = ImageSizes.Of(shape);
    }

    /// <inheritdoc/>
    public override string Name => "batchNorm";

    /// <inheritdoc/>
    public override Shape Output { get; }

    /// <inheritdoc/>
    public override IReadOnlyList<ParameterSpec> Parameters { get; }

    /// <summary>What it is.</summary>
    public BatchNormOptions Options { get; }

    /// <inheritdoc/>
    public override Node Frozen => new BatchNormNode(Output, Options with { IsFrozen = true }, Parameters);

    /// <summary>A product and a sum an element, with the running statistics.</summary>
    public override long Flops => 2L * Output.Count;

    /// <inheritdoc/>
    public override bool FusesActivation => true;

    /// <inheritdoc/>
    public override void Forward<T>(WitnessFrame<T> frame)
    {
        T[] mean = Running(frame, 0), variance = Running(frame, 1);
        if (OfBatch(frame.Mode))
        {
            RequireMany(frame.Images);
            (T[] runningMean, T[] runningVariance) = (mean, variance);
            (mean, variance) = (new T[sizes.C], new T[sizes.C]);
            Reference.BatchStatistics<T>(frame.Images, sizes.C, sizes.Pixels, frame.X[0], mean, variance);
            T count = T.CreateChecked((long)frame.Images * sizes.Pixels), momentum = T.CreateChecked(Options.Momentum);
            for (int c = 0; c < (frame.Images > 0 ? sizes.C : 0); c++)
            {
                runningMean[c] += momentum * (mean[c] - runningMean[c]);
                runningVariance[c] += momentum * ((variance[c] * count / (count - T.One)) - runningVariance[c]);
            }
        }

        frame.Saved = (mean, variance);
        Reference.BatchNormForward<T>(frame.Images, sizes.C, sizes.Pixels, frame.X[0], mean, variance, T.CreateChecked(Options.Epsilon), Affine(frame, 0), Affine(frame, 1), frame.Y);
    }

    /// <inheritdoc/>
    public override void Backward<T>(WitnessFrame<T> frame)
    {
        (T[] mean, T[] variance) = ((T[], T[]))frame.Saved!;
        (T[] scale, T[] shift) = Options.IsAffine ? (frame.ParameterGradients[0], frame.ParameterGradients[1]) : (new T[sizes.C], new T[sizes.C]);
        Reference.BatchNormBackward<T>(
            frame.Images, sizes.C, sizes.Pixels, frame.X[0], mean, variance, T.CreateChecked(Options.Epsilon), Affine(frame, 0), frame.Dy, OfBatch(frame.Mode), frame.Dx[0], scale, shift);
    }

    /// <inheritdoc/>
    public override Step Lower(Lowering lowering) => new BatchNormStep(this, sizes, lowering);

    /// <summary>Whether the statistics are the batch's own.</summary>
    internal bool OfBatch(RunMode mode) => mode == RunMode.Training && !Options.IsFrozen;

    /// <summary>That a batch has statistics: more than one element of each channel, as PyTorch demands.</summary>
    internal void RequireMany(int images)
    {
        if ((long)images * sizes.Pixels == 1)
        {
            throw new ShapeException("batchNorm", $"expected more than one value for each channel in training, got one image of {Output}", "use larger batches, drop a last batch of one, or freeze the layer");
        }
    }

    // The running statistics are the last two parameters; scale and shift, where there are any, the first two.
    private T[] Running<T>(WitnessFrame<T> frame, int which)
        where T : IFloatingPointIeee754<T> => frame.Parameters[Parameters.Count - 2 + which];

    private T[] Affine<T>(WitnessFrame<T> frame, int which)
        where T : IFloatingPointIeee754<T> => Options.IsAffine ? frame.Parameters[which] : [];
}
