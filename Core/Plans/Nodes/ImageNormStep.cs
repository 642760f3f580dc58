using Fovea.Core.Dispatch;
using Fovea.Core.Shapes;

namespace Fovea.Core.Plans;

// saved   N × groups: mean | N × groups: variance

/// <summary>Group, layer and instance norm by the images' own statistics; instance norm may also keep running ones.</summary>
internal sealed unsafe class ImageNormStep : Step
{
    private readonly NormNode node;
    private readonly ImageNormShape shape;
    private readonly ImageNormalization algorithm;
    private readonly int batch;
    private readonly bool hasBackward;

    public ImageNormStep(NormNode node, ImageSizes sizes, Lowering lowering)
    {
        this.node = node;
        shape = new(1, sizes.C, sizes.Pixels, node.Groups);
        (algorithm, Output) = NormalizationTables.ChooseImage(shape, lowering.Inputs[0]);
        batch = lowering.Batch;
        hasBackward = lowering.HasBackward;
    }

    public override string Algorithm => algorithm.Name;

    public override IReadOnlyList<Layout> Inputs => [Output];

    public override Layout Output { get; }

    public override bool KeepsInput => hasBackward;

    public override long SavedFloats => 2L * node.Groups.Groups;

    public override long ScratchFloats => algorithm.ScratchFloats(shape);

    public override long BackwardScratchFloats => algorithm.ScratchFloats(shape);

    public override long BackwardSharedFloats => algorithm.SharedFloats(shape.WithBatch(batch));

    public override void Forward(StepFrame frame)
    {
        float* shift = node.Options.IsAffine ? frame.Parameters[1] : null;
        algorithm.Forward(shape.WithBatch(frame.Images), Output, node.Options.Epsilon, frame.X[0], Scale(frame), shift, frame.Y, frame.Saved, Variance(frame), frame.Scratch, frame.Workers);
        if (node.Options.Momentum is { } momentum)
        {
            Track(frame.Images, frame.Saved, momentum, 1, frame.Parameters[^2]);
            Track(frame.Images, Variance(frame), momentum, shape.Pixels / (double)(shape.Pixels - 1), frame.Parameters[^1]);
        }
    }

    public override void Backward(StepFrame frame)
    {
        bool trains = node.Options.IsAffine && frame.ParameterGradients[0] != null;
        float* dscale = trains ? frame.ParameterGradients[0] : null, dshift = trains ? frame.ParameterGradients[1] : null;
        algorithm.Backward(shape.WithBatch(frame.Images), Output, node.Options.Epsilon, frame.Dy, frame.X[0], Scale(frame), frame.Saved, Variance(frame), frame.Dx[0], dscale, dshift, frame.BackwardShared, frame.BackwardScratch, frame.Workers);
    }

    private float* Variance(StepFrame frame) => frame.Saved + ((long)frame.Images * node.Groups.Groups);

    private float* Scale(StepFrame frame) => node.Options.IsAffine ? frame.Parameters[0] : null;

    // The mean over the images of each channel's statistic, into the running one.
    private void Track(int images, float* statistics, double momentum, double unbiased, float* running)
    {
        for (int c = 0; c < (images > 0 ? shape.C : 0); c++)
        {
            double sum = 0;
            for (int n = 0; n < images; n++)
            {
                sum += statistics[((long)n * shape.C) + c];
            }

            running[c] = (float)(running[c] + (momentum * ((sum / images * unbiased) - running[c])));
        }
    }
}
