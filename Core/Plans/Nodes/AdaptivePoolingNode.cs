using Fovea.Core.Dispatch;
using Fovea.Core.Shapes;

namespace Fovea.Core.Plans;

/// <summary>Average or max pooling to a given size, where its windows differ: even ones are an ordinary pooling.</summary>
public sealed class AdaptivePoolingNode : Node
{
    private readonly int channels;
    private readonly AdaptiveWindow rows;
    private readonly AdaptiveWindow columns;
    private readonly bool max;

    /// <summary>Creates the node.</summary>
    public AdaptivePoolingNode(int channels, AdaptiveWindow rows, AdaptiveWindow columns, bool max)
    {
        this.channels = channels;
        this.rows = rows;
        this.columns = columns;
        this.max = max;
        Output = new Shape(channels, rows.Outputs, columns.Outputs);
    }

    /// <inheritdoc/>
    public override string Name => max ? "adaptiveMaxPool" : "adaptiveAvgPool";

    /// <inheritdoc/>
    public override Shape Output { get; }

    /// <summary>Windows that differ have no one size: each sees a part of the input, and none more than all.</summary>
    public override Reach Reach => Reach.Whole;

    /// <summary>One a pixel of each window.</summary>
    public override long Flops => (long)channels * Covered(rows) * Covered(columns);

    /// <inheritdoc/>
    public override void Forward<T>(WitnessFrame<T> frame) =>
        Reference.AdaptiveForward<T>(max, frame.Images * channels, rows, columns, frame.X[0], frame.Y);

    /// <inheritdoc/>
    public override void Backward<T>(WitnessFrame<T> frame) =>
        Reference.AdaptiveBackward<T>(max, frame.Images * channels, rows, columns, frame.X[0], frame.Dy, frame.Dx[0]);

    /// <inheritdoc/>
    public override Step Lower(Lowering lowering) => new AdaptiveStep(new(channels, rows, columns, max), max);

    private static long Covered(AdaptiveWindow window) =>
        Enumerable.Range(0, window.Outputs).Sum(output => (long)window.End(output) - window.Start(output));

    private sealed unsafe class AdaptiveStep(AdaptivePooling pooling, bool max) : Step
    {
        public override string Algorithm => "naive";

        public override IReadOnlyList<Layout> Inputs => [Layout.Plain];

        public override Layout Output => Layout.Plain;

        public override bool KeepsInput => max;

        public override void Forward(StepFrame frame) => pooling.Forward(frame.Images, frame.X[0], frame.Y, frame.Workers);

        public override void Backward(StepFrame frame) => pooling.Backward(frame.Images, frame.X[0], frame.Dy, frame.Dx[0], frame.Workers);
    }
}
