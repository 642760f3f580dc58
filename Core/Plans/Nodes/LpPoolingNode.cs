using Fovea.Core.Dispatch;
using Fovea.Core.Shapes;

namespace Fovea.Core.Plans;

/// <summary>Pooling by the p-norm.</summary>
public sealed class LpPoolingNode : Node
{
    private readonly PoolShape shape;
    private readonly double norm;

    /// <summary>Creates the node from its sizes for one image, and p.</summary>
    public LpPoolingNode(PoolShape shape, double norm)
    {
        this.shape = shape.WithBatch(1);
        this.norm = norm;
    }

    /// <inheritdoc/>
    public override string Name => "lpPool";

    /// <inheritdoc/>
    public override Shape Output => shape.Output.Tail;

    /// <inheritdoc/>
    public override Reach Reach => new(shape.Vertical, shape.Horizontal);

    /// <summary>A power and a sum a pixel of each window.</summary>
    public override long Flops => 2L * Output.Count * shape.R * shape.S;

    /// <inheritdoc/>
    public override void Forward<T>(WitnessFrame<T> frame) =>
        Reference.LpPoolingForward<T>(shape.WithBatch(frame.Images), T.CreateChecked(norm), frame.X[0], frame.Y);

    /// <inheritdoc/>
    public override void Backward<T>(WitnessFrame<T> frame) =>
        Reference.LpPoolingBackward<T>(shape.WithBatch(frame.Images), T.CreateChecked(norm), frame.X[0], frame.Y, frame.Dy, frame.Dx[0]);

    /// <inheritdoc/>
    public override Step Lower(Lowering lowering) => new LpPoolingStep(shape, norm);

    private sealed unsafe class LpPoolingStep(PoolShape shape, double norm) : Step
    {
        private readonly LpPooling algorithm = PoolingTables.ChooseLp(shape);

        public override string Algorithm => algorithm.Name;

        public override IReadOnlyList<Layout> Inputs => [algorithm.Layout];

        public override Layout Output => algorithm.Layout;

        public override bool KeepsInput => true;

        public override bool KeepsOutput => true;

        public override void Forward(StepFrame frame) => algorithm.Forward(shape.WithBatch(frame.Images), norm, frame.X[0], frame.Y, frame.Workers);

        public override void Backward(StepFrame frame) =>
            algorithm.Backward(shape.WithBatch(frame.Images), norm, frame.X[0], frame.Y, frame.Dy, frame.Dx[0], frame.Workers);
    }
}
