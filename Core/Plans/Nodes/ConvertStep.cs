using Fovea.Core.Shapes;

namespace Fovea.Core.Plans;

/// <summary>A batch's copy in another layout: put in by the planner where neighbours disagree.</summary>
internal sealed class ConvertStep(int channels, int pixels, Layout from, Layout to) : Step
{
    private readonly Conversion there = Conversion.Of(channels, pixels, from, to);
    private readonly Conversion back = Conversion.Of(channels, pixels, to, from);

    public override string Algorithm => $"{from} to {to}".ToLowerInvariant();

    public override IReadOnlyList<Layout> Inputs => [from];

    public override Layout Output => to;

    public override unsafe void Forward(StepFrame frame) => there.Into(frame.Images, frame.X[0], frame.Y, frame.Workers);

    public override unsafe void Backward(StepFrame frame) => back.Into(frame.Images, frame.Dy, frame.Dx[0], frame.Workers);
}
