using Fovea.Core.Dispatch;
using Fovea.Core.Shapes;

namespace Fovea.Core.Plans;

// saved             N × lanes: mean | N × lanes: variance, of each channel's group
// backward shared   N × 2 × lanes: the images' sums
// lanes: a float for each channel, in whole blocks

/// <summary>Group and instance normalisation in whichever layout the input comes.</summary>
internal sealed unsafe class GroupNormStep : Step
{
    private readonly NormNode node;
    private readonly ImageSizes sizes;
    private readonly int batch;
    private readonly bool own;
    private readonly bool wantsParameters;
    private readonly bool wantsInput;
    private readonly int lanes;

    public GroupNormStep(NormNode node, ImageSizes sizes, Lowering lowering)
    {
        this.node = node;
        this.sizes = sizes;
        batch = lowering.Batch;
        Output = lowering.Inputs[0];
        own = node.OfImages(lowering.Mode);
        wantsParameters = lowering.HasBackward && lowering.ParameterGradient && node.Options.IsAffine;
        wantsInput = lowering.HasBackward && lowering.InputGradient;
        lanes = BatchStatistics.Lanes(sizes.C);
    }

    public override string Algorithm => own ? "of the image" : "running";

    public override IReadOnlyList<Layout> Inputs => [Output];

    public override Layout Output { get; }

    public override bool KeepsInput => wantsParameters || wantsInput;

    public override long SavedFloats => 2L * lanes;

    public override long ScratchFloats => GroupStatistics.ScratchFloats(sizes.C);

    public override long BackwardScratchFloats => GroupStatistics.ScratchFloats(sizes.C);

    public override long BackwardSharedFloats => 2L * batch * lanes;

    public override void Forward(StepFrame frame)
    {
        ImageBatch images = sizes.Batch(frame.Images, Output);
        float* mean = frame.Saved, variance = Variance(frame);
        if (own)
        {
            GroupStatistics.Moments(images, node.Groups.Groups, frame.X[0], mean, variance, frame.Workers);
            if (node.Options.Momentum is { } momentum)
            {
                Track(frame.Images, mean, momentum, 1, frame.Parameters[^2]);
                Track(frame.Images, variance, momentum, sizes.Pixels / (double)(sizes.Pixels - 1), frame.Parameters[^1]);
            }
        }
        else
        {
            Repeat(frame.Images, frame.Parameters[^2], mean);
            Repeat(frame.Images, frame.Parameters[^1], variance);
        }

        GroupStatistics.Normalize(images, frame.X[0], mean, variance, node.Options.Epsilon, Scale(frame), Shift(frame), frame.Y, frame.Scratch, frame.Workers);
    }

    public override void Backward(StepFrame frame)
    {
        ImageBatch images = sizes.Batch(frame.Images, Output);
        float* mean = frame.Saved, variance = Variance(frame), partial = frame.BackwardShared;
        GroupStatistics.GradientSums(images, frame.Dy, frame.X[0], mean, partial, frame.Workers);
        if (wantsParameters && frame.ParameterGradients[0] != null)
        {
            GroupStatistics.WeightGradients(images, partial, variance, node.Options.Epsilon, frame.ParameterGradients[0], frame.ParameterGradients[1]);
        }

        if (frame.Dx[0] != null)
        {
            GroupStatistics.InputGradient(images, node.Groups.Groups, own, frame.Dy, frame.X[0], mean, variance, node.Options.Epsilon, Scale(frame), partial, frame.Dx[0], frame.BackwardScratch, frame.Workers);
        }
    }

    private float* Variance(StepFrame frame) => frame.Saved + ((long)frame.Images * lanes);

    private float* Scale(StepFrame frame) => node.Options.IsAffine ? frame.Parameters[0] : null;

    private float* Shift(StepFrame frame) => node.Options.IsAffine ? frame.Parameters[1] : null;

    private void Track(int images, float* statistics, double momentum, double unbiased, float* running)
    {
        for (int c = 0; c < (images > 0 ? sizes.C : 0); c++)
        {
            double sum = 0;
            for (int n = 0; n < images; n++)
            {
                sum += statistics[((long)n * lanes) + c];
            }

            running[c] = (float)(running[c] + (momentum * ((sum / images * unbiased) - running[c])));
        }
    }

    private void Repeat(int images, float* running, float* statistics)
    {
        for (int n = 0; n < images; n++)
        {
            Span<float> row = new(statistics + ((long)n * lanes), lanes);
            row.Clear();
            new Span<float>(running, sizes.C).CopyTo(row);
        }
    }
}
