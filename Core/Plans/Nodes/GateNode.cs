using Fovea.Core.Dispatch;
using Fovea.Core.Shapes;

namespace Fovea.Core.Plans;

/// <summary>The first input times the second, which has one factor for each of its channels.</summary>
public sealed class GateNode : Node
{
    private readonly ImageSizes sizes;

    /// <summary>Creates the node for images of a shape, and factors C×1×1 or C.</summary>
    /// <exception cref="ShapeException">There is not one factor for each channel.</exception>
    public GateNode(Shape images, Shape factors)
    {
        ArgumentNullException.ThrowIfNull(images);
        ArgumentNullException.ThrowIfNull(factors);
        Output = images;
        sizes = ImageSizes.Of(images);
        if (factors.Rank == 0 || factors[0] != sizes.C || factors.Count != sizes.C)
        {
            throw new ShapeException("gated", $"expected one factor for each of {sizes.C} channels, got {factors}", $"end the block with globalAvgPool and conv ({sizes.C}, 1)");
        }
    }

    /// <inheritdoc/>
    public override string Name => "gate";

    /// <inheritdoc/>
    public override Shape Output { get; }

    /// <summary>One factor stands for all pixels: where there are several, each sees what the factors see, wherever it lies.</summary>
    public override Reach Reach => sizes.Pixels > 1 ? Reach.Whole : Reach.Pixel;

    /// <summary>One an element.</summary>
    public override long Flops => Output.Count;

    /// <inheritdoc/>
    public override void Forward<T>(WitnessFrame<T> frame) => Reference.GateForward<T>(sizes.Pixels, frame.X[0], frame.X[1], frame.Y);

    /// <inheritdoc/>
    public override void Backward<T>(WitnessFrame<T> frame)
    {
        Reference.GateForward<T>(sizes.Pixels, frame.Dy, frame.X[1], frame.Dx[0]);
        Reference.GateBackwardFactors<T>(sizes.Pixels, frame.X[0], frame.Dy, frame.Dx[1]);
    }

    /// <inheritdoc/>
    public override Step Lower(Lowering lowering) => new GateStep(sizes, lowering.Inputs[0]);

    private sealed unsafe class GateStep(ImageSizes sizes, Layout layout) : Step
    {
        private readonly Gating gate = ChannelTables.ChooseGate(layout);

        public override string Algorithm => gate.Name;

        public override IReadOnlyList<Layout> Inputs => [layout, layout];

        public override Layout Output => layout;

        public override bool KeepsInput => true;

        public override void Forward(StepFrame frame) =>
            gate.Forward(sizes.Batch(frame.Images, layout), frame.X[0], frame.X[1], frame.Y, frame.Workers);

        public override void Backward(StepFrame frame)
        {
            ImageBatch images = sizes.Batch(frame.Images, layout);
            if (frame.Dx[1] != null)
            {
                gate.BackwardFactors(images, frame.Dy, frame.X[0], frame.Dx[1], frame.Workers);
            }

            if (frame.Dx[0] != null)
            {
                gate.Forward(images, frame.Dy, frame.X[1], frame.Dx[0], frame.Workers);
            }
        }
    }
}
