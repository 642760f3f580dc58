using Fovea.Core.Dispatch;
using Fovea.Core.Shapes;

namespace Fovea.Core.Plans;

// saved   N × pixels: mean | N × pixels: 1/√(variance + ε)

/// <summary>Layer normalisation of the channels of each pixel.</summary>
internal sealed unsafe class PixelNormStep(NormNode node, ImageSizes sizes, Lowering lowering) : Step
{
    public override IReadOnlyList<Layout> Inputs => [Layout.Plain];

    public override Layout Output => Layout.Plain;

    public override bool KeepsInput => lowering.HasBackward;

    public override long SavedFloats => 2L * sizes.Pixels;

    public override long BackwardScratchFloats => PixelNorm.ScratchFloats(sizes.Pixels);

    public override long BackwardSharedFloats => PixelNorm.PartialFloats(sizes.Batch(lowering.Batch, Layout.Plain));

    public override void Forward(StepFrame frame)
    {
        float* shift = node.Options.IsAffine ? frame.Parameters[1] : null;
        PixelNorm.Forward(Images(frame), node.Options.Epsilon, frame.X[0], Scale(frame), shift, frame.Y, frame.Saved, Inverse(frame), frame.Workers);
    }

    public override void Backward(StepFrame frame)
    {
        PixelNorm.Backward(Images(frame), frame.Dy, frame.X[0], Scale(frame), frame.Saved, Inverse(frame), frame.Dx[0], frame.BackwardShared, frame.BackwardScratch, frame.Workers);
        if (node.Options.IsAffine && frame.ParameterGradients[0] != null)
        {
            PixelNorm.WeightGradients(Images(frame), frame.BackwardShared, frame.ParameterGradients[0], frame.ParameterGradients[1]);
        }
    }

    private ImageBatch Images(StepFrame frame) => sizes.Batch(frame.Images, Layout.Plain);

    private float* Scale(StepFrame frame) => node.Options.IsAffine ? frame.Parameters[0] : null;

    private float* Inverse(StepFrame frame) => frame.Saved + ((long)frame.Images * sizes.Pixels);
}
