using Fovea.Core.Dispatch;
using Fovea.Core.Shapes;

namespace Fovea.Core.Plans;

// saved             mean | 1/√(variance + ε)
// forward shared    factor | term | the images' sums
// backward shared   Σ dy | Σ dy·(x − mean) | factor | slope | term | the images' sums
// Every row but the sums has a float for each channel, in whole blocks.

/// <summary>Batch normalisation in whichever layout its input comes.</summary>
internal sealed unsafe class BatchNormStep : Step
{
    private readonly BatchNormNode node;
    private readonly ImageSizes sizes;
    private readonly int batch;
    private readonly bool ofBatch;
    private readonly bool wantsParameters;
    private readonly bool wantsInput;
    private readonly int lanes;

    public BatchNormStep(BatchNormNode node, ImageSizes sizes, Lowering lowering)
    {
        this.node = node;
        this.sizes = sizes;
        batch = lowering.Batch;
        Output = lowering.Inputs[0];
        ofBatch = node.OfBatch(lowering.Mode);
        wantsParameters = lowering.HasBackward && lowering.ParameterGradient;
        wantsInput = lowering.HasBackward && lowering.InputGradient;
        lanes = BatchStatistics.Lanes(sizes.C);
    }

    public override string Algorithm => ofBatch ? "of the batch" : "running";

    public override IReadOnlyList<Layout> Inputs => [Output];

    public override Layout Output { get; }

    public override bool KeepsInput => wantsParameters || (wantsInput && ofBatch);

    public override long SavedBatchFloats => 2L * lanes;

    public override long SharedFloats => (2L * lanes) + BatchStatistics.PartialFloats(sizes.Batch(batch, Output));

    public override long BackwardSharedFloats => (5L * lanes) + BatchStatistics.PartialFloats(sizes.Batch(batch, Output));

    private bool IsAffine => node.Options.IsAffine;

    public override void Forward(StepFrame frame)
    {
        float* mean = frame.Saved, deviation = mean + lanes;
        float* factor = frame.Shared, term = factor + lanes, partial = term + lanes;
        float* runningMean = frame.Parameters[node.Parameters.Count - 2], runningVariance = frame.Parameters[node.Parameters.Count - 1];
        ImageBatch images = sizes.Batch(frame.Images, Output);
        new Span<float>(frame.Saved, 2 * lanes).Clear();
        new Span<float>(factor, 2 * lanes).Clear();
        if (ofBatch)
        {
            node.RequireMany(frame.Images);
            BatchStatistics.Moments(images, frame.X[0], mean, deviation, partial, frame.Workers);
            Track(frame.Images, mean, deviation, runningMean, runningVariance);
        }
        else
        {
            new Span<float>(runningMean, sizes.C).CopyTo(new(mean, lanes));
            new Span<float>(runningVariance, sizes.C).CopyTo(new(deviation, lanes));
        }

        for (int c = 0; c < sizes.C; c++)
        {
            deviation[c] = (float)(1 / Math.Sqrt(deviation[c] + node.Options.Epsilon));
            factor[c] = deviation[c] * (IsAffine ? frame.Parameters[0][c] : 1);
            term[c] = IsAffine ? frame.Parameters[1][c] : 0;
        }

        BatchStatistics.Normalize(images, frame.X[0], mean, factor, term, frame.Y, frame.Workers);
    }

    public override void Backward(StepFrame frame)
    {
        float* mean = frame.Saved, deviation = mean + lanes;
        float* sums = frame.BackwardShared, products = sums + lanes, factor = products + lanes, slope = factor + lanes, term = slope + lanes;
        ImageBatch images = sizes.Batch(frame.Images, Output);
        new Span<float>(sums, 5 * lanes).Clear();
        if (KeepsInput)
        {
            BatchStatistics.GradientSums(images, frame.Dy, frame.X[0], mean, sums, products, term + lanes, frame.Workers);
        }

        double count = Math.Max(1, (double)frame.Images * sizes.Pixels);
        for (int c = 0; c < sizes.C; c++)
        {
            factor[c] = deviation[c] * (IsAffine ? frame.Parameters[0][c] : 1);
            slope[c] = (float)(-factor[c] * (double)deviation[c] * deviation[c] * products[c] / count);
            term[c] = (float)(-factor[c] * (double)sums[c] / count);
            if (IsAffine && frame.ParameterGradients[0] != null)
            {
                frame.ParameterGradients[0][c] = products[c] * deviation[c];
                frame.ParameterGradients[1][c] = sums[c];
            }
        }

        if (frame.Dx[0] != null && ofBatch)
        {
            BatchStatistics.InputGradient(images, frame.Dy, frame.X[0], mean, factor, slope, term, frame.Dx[0], frame.Workers);
        }
        else if (frame.Dx[0] != null)
        {
            Images.Affine(images, frame.Dy, factor, null, frame.Dx[0], frame.Workers);
        }
    }

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
