using Fovea.Core.Dispatch;
using Fovea.Core.Shapes;

namespace Fovea.Core.Plans;

/// <summary>Enlarging by the nearest pixel.</summary>
public sealed class UpsamplingNode : Node
{
    private readonly int channels;
    private readonly AdaptiveWindow rows;
    private readonly AdaptiveWindow columns;

    /// <summary>Creates the node.</summary>
    public UpsamplingNode(int channels, AdaptiveWindow rows, AdaptiveWindow columns)
    {
        this.channels = channels;
        this.rows = rows;
        this.columns = columns;
        Output = new Shape(channels, rows.Outputs, columns.Outputs);
    }

    /// <inheritdoc/>
    public override string Name => "upsample";

    /// <inheritdoc/>
    public override Shape Output { get; }

    /// <summary>Neighbouring outputs lie less than a pixel of the input apart, which a window cannot say: all is never too little.</summary>
    public override Reach Reach => Reach.Whole;

    /// <inheritdoc/>
    public override void Forward<T>(WitnessFrame<T> frame) =>
        Reference.UpsamplingForward<T>(frame.Images * channels, rows, columns, frame.X[0], frame.Y);

    /// <inheritdoc/>
    public override void Backward<T>(WitnessFrame<T> frame) =>
        Reference.UpsamplingBackward<T>(frame.Images * channels, rows, columns, frame.Dy, frame.Dx[0]);

    /// <inheritdoc/>
    public override Step Lower(Lowering lowering) => new UpsamplingStep(new(channels, rows, columns, lowering.Inputs[0]));

    private sealed unsafe class UpsamplingStep(Upsampling upsampling) : Step
    {
        public override IReadOnlyList<Layout> Inputs => [upsampling.Layout];

        public override Layout Output => upsampling.Layout;

        public override void Forward(StepFrame frame) => upsampling.Forward(frame.Images, frame.X[0], frame.Y, frame.Workers);

        public override void Backward(StepFrame frame) => upsampling.Backward(frame.Images, frame.Dy, frame.Dx[0], frame.Workers);
    }
}
