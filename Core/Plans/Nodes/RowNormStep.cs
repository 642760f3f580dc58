using Fovea.Core.Dispatch;
using Fovea.Core.Shapes;

namespace Fovea.Core.Plans;

// saved   N × runs: mean | N × runs: 1/√(variance + ε)

/// <summary>Layer normalisation over an image's last axes.</summary>
internal sealed unsafe class RowNormStep(NormNode node, Lowering lowering) : Step
{
    private readonly int runs = node.Groups.Outer;
    private readonly int length = node.Groups.Length;

    public override IReadOnlyList<Layout> Inputs => [Layout.Plain];

    public override Layout Output => Layout.Plain;

    public override bool KeepsInput => lowering.HasBackward;

    public override long SavedFloats => 2L * runs;

    public override void Forward(StepFrame frame)
    {
        float* scale = node.Options.IsAffine ? frame.Parameters[0] : null, shift = node.Options.IsAffine ? frame.Parameters[1] : null;
        RowNorm.Forward(Runs(frame), length, node.Options.Epsilon, frame.X[0], scale, shift, frame.Y, frame.Saved, Inverse(frame), frame.Workers);
    }

    public override void Backward(StepFrame frame)
    {
        if (node.Options.IsAffine && frame.ParameterGradients[0] != null)
        {
            RowNorm.WeightGradients(Runs(frame), length, frame.Dy, frame.X[0], frame.Saved, Inverse(frame), frame.ParameterGradients[0], frame.ParameterGradients[1], frame.Workers);
        }

        if (frame.Dx[0] != null)
        {
            RowNorm.InputGradient(Runs(frame), length, frame.Dy, frame.X[0], node.Options.IsAffine ? frame.Parameters[0] : null, frame.Saved, Inverse(frame), frame.Dx[0], frame.Workers);
        }
    }

    private long Runs(StepFrame frame) => (long)frame.Images * runs;

    private float* Inverse(StepFrame frame) => frame.Saved + Runs(frame);
}
