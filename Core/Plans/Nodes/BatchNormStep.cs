using Fovea.Core.Dispatch;
using Fovea.Core.Shapes;

namespace Fovea.Core.Plans;

// saved   mean | variance, a float for each channel, in whole blocks

/// <summary>Batch normalisation and, if it follows, an activation, in whichever layout the input comes.</summary>
internal sealed unsafe class BatchNormStep : Step
{
    private readonly BatchNormNode node;
    private readonly ImageSizes sizes;
    private readonly int batch;
    private readonly bool ofBatch;
    private readonly BatchNormalization algorithm;
    private readonly bool wantsParameters;
    private readonly bool wantsInput;
    private readonly int lanes;
    private readonly Activation? activation;

    public BatchNormStep(BatchNormNode node, ImageSizes sizes, Lowering lowering)
    {
        this.node = node;
        this.sizes = sizes;
        batch = lowering.Batch;
        Output = lowering.Inputs[0];
        ofBatch = node.OfBatch(lowering.Mode);
        algorithm = NormalizationTables.ChooseBatch(Output);
        wantsParameters = lowering.HasBackward && lowering.ParameterGradient;
        wantsInput = lowering.HasBackward && lowering.InputGradient;
        lanes = ChannelNormalization.Lanes(sizes.C);
        activation = lowering.Activation;
    }

    public override string Algorithm => $"{algorithm.Name}, {(ofBatch ? "of the batch" : "running")}";

    public override IReadOnlyList<Layout> Inputs => [Output];

    public override Layout Output { get; }

    public override bool KeepsInput => wantsParameters || (wantsInput && (ofBatch || activation is not null));

    public override bool KeepsOutput => activation?.ReadsOutput == true;

    public override long SavedBatchFloats => 2L * lanes;

    public override long SharedFloats => algorithm.SharedFloats(sizes.Batch(batch, Output));

    public override long BackwardSharedFloats => SharedFloats;

    public override long BackwardScratchFloats => activation is null ? 0 : algorithm.ScratchFloats(sizes.Batch(batch, Output));

    public override void Forward(StepFrame frame)
    {
        float* mean = frame.Saved, variance = mean + lanes;
        float* runningMean = frame.Parameters[^2], runningVariance = frame.Parameters[^1];
        if (ofBatch)
        {
            node.RequireMany(frame.Images);
        }
        else
        {
            new Span<float>(mean, 2 * lanes).Clear();
            new Span<float>(runningMean, sizes.C).CopyTo(new(mean, lanes));
            new Span<float>(runningVariance, sizes.C).CopyTo(new(variance, lanes));
        }

        algorithm.Forward(sizes.Batch(frame.Images, Output), ofBatch, node.Options.Epsilon, activation, frame.X[0], Affine(frame, 0), Affine(frame, 1), mean, variance, frame.Y, frame.Shared, frame.Workers);
        if (ofBatch)
        {
            Track(frame.Images, mean, variance, runningMean, runningVariance);
        }
    }

    public override void Backward(StepFrame frame)
    {
        bool trains = node.Options.IsAffine && frame.ParameterGradients[0] != null;
        float* dscale = trains ? frame.ParameterGradients[0] : null, dshift = trains ? frame.ParameterGradients[1] : null;
        algorithm.Backward(sizes.Batch(frame.Images, Output), ofBatch, node.Options.Epsilon, activation, frame.Y, frame.Dy, frame.X[0], Affine(frame, 0), Affine(frame, 1), frame.Saved, frame.Saved + lanes, frame.Dx[0], dscale, dshift, frame.BackwardShared, frame.BackwardScratch, frame.Workers);
    }

    // The scale, and the shift.
    private float* Affine(StepFrame frame, int which) => node.Options.IsAffine ? frame.Parameters[which] : null;

    // An empty batch has no statistics and leaves the running ones as they are.
    private void Track(int images, float* mean, float* variance, float* runningMean, float* runningVariance)
    {
        double count = (double)images * sizes.Pixels, momentum = node.Options.Momentum;
        for (int c = 0; c < (images > 0 ? sizes.C : 0); c++)
        {
            runningMean[c] = (float)(runningMean[c] + (momentum * (mean[c] - (double)runningMean[c])));
            runningVariance[c] = (float)(runningVariance[c] + (momentum * ((variance[c] * count / (count - 1)) - runningVariance[c])));
        }
    }
}
