using Fovea.Core.Dispatch;
using Fovea.Core.Shapes;

namespace Fovea.Core.Plans;

/// <summary>Padding, or enlarging by the nearest pixel or by interpolation.</summary>
public sealed class ResamplingNode : Node
{
    private readonly ResampleShape shape;

    /// <summary>Creates the node.</summary>
    /// <param name="name">The operation's name: <c>pad</c> or <c>upsample</c>.</param>
    /// <param name="shape">The sizes, for one image.</param>
    /// <param name="reach">What one output sees of the input.</param>
    public ResamplingNode(string name, ResampleShape shape, Reach reach)
    {
        Name = name;
        this.shape = shape.WithBatch(1);
        Reach = reach;
    }

    /// <inheritdoc/>
    public override string Name { get; }

    /// <inheritdoc/>
    public override Shape Output => shape.Output.Tail;

    /// <inheritdoc/>
    public override Reach Reach { get; }

    /// <inheritdoc/>
    public override void Forward<T>(WitnessFrame<T> frame) =>
        Reference.ResamplingForward<T>(shape.WithBatch(frame.Images), frame.X[0], frame.Y);

    /// <inheritdoc/>
    public override void Backward<T>(WitnessFrame<T> frame) =>
        Reference.ResamplingBackward<T>(shape.WithBatch(frame.Images), frame.Dy, frame.Dx[0]);

    /// <inheritdoc/>
    public override Step Lower(Lowering lowering) => new ResamplingStep(shape, lowering.Inputs[0]);

    private sealed unsafe class ResamplingStep(ResampleShape shape, Layout layout) : Step
    {
        private readonly Resampling algorithm = ResamplingTable.Choose(shape, layout);

        public override string Algorithm => algorithm.Name;

        public override IReadOnlyList<Layout> Inputs => [layout];

        public override Layout Output => layout;

        public override long ScratchFloats => algorithm.ScratchFloats(shape, layout);

        public override long BackwardScratchFloats => ScratchFloats;

        public override void Forward(StepFrame frame) => algorithm.Forward(shape.WithBatch(frame.Images), layout, frame.X[0], frame.Y, frame.Scratch, frame.Workers);

        public override void Backward(StepFrame frame) => algorithm.Backward(shape.WithBatch(frame.Images), layout, frame.Dy, frame.Dx[0], frame.BackwardScratch, frame.Workers);
    }
}
