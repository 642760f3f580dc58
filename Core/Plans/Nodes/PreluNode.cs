using Fovea.Core.Dispatch;
using Fovea.Core.Shapes;

namespace Fovea.Core.Plans;

/// <summary>A leaky ReLU whose slopes are learned.</summary>
public sealed class PreluNode : Node
{
    private readonly ImageSizes sizes;

    /// <summary>Creates the node for images of a shape, its first extent the channels.</summary>
    /// <param name="shape">The shape of one image.</param>
    /// <param name="slopes">One slope for each channel, or one for all.</param>
    public PreluNode(Shape shape, ParameterSpec slopes)
    {
        Output = shape;
        Parameters = [slopes];
        sizes = ImageSizes.Of(shape);
    }

    /// <inheritdoc/>
    public override string Name => "prelu";

    /// <inheritdoc/>
    public override Shape Output { get; }

    /// <inheritdoc/>
    public override IReadOnlyList<ParameterSpec> Parameters { get; }

    /// <summary>One an element.</summary>
    public override long Flops => Output.Count;

    /// <inheritdoc/>
    public override void Forward<T>(WitnessFrame<T> frame) => Reference.Bend<T>(sizes.C, sizes.Pixels, frame.X[0], frame.X[0], frame.Parameters[0], frame.Y);

    /// <inheritdoc/>
    public override void Backward<T>(WitnessFrame<T> frame)
    {
        Reference.Bend<T>(sizes.C, sizes.Pixels, frame.X[0], frame.Dy, frame.Parameters[0], frame.Dx[0]);
        Reference.BendBackwardSlopes<T>(sizes.C, sizes.Pixels, frame.X[0], frame.Dy, frame.ParameterGradients[0]);
    }

    /// <inheritdoc/>
    public override Step Lower(Lowering lowering) => new PreluStep(sizes, Parameters[0].Shape.Count, lowering);

    private sealed unsafe class PreluStep(ImageSizes sizes, int slopes, Lowering lowering) : Step
    {
        private readonly int batch = lowering.Batch;
        private readonly Bending bending = ChannelTables.ChooseBending(lowering.Inputs[0]);

        public override string Algorithm => bending.Name;

        public override IReadOnlyList<Layout> Inputs => [Output];

        public override Layout Output { get; } = lowering.Inputs[0];

        public override bool KeepsInput => true;

        public override long BackwardSharedFloats => bending.SharedFloats(sizes.Batch(batch, Output));

        public override void Forward(StepFrame frame) =>
            bending.Run(sizes.Batch(frame.Images, Output), frame.X[0], frame.X[0], frame.Parameters[0], slopes, frame.Y, frame.Workers);

        public override void Backward(StepFrame frame)
        {
            ImageBatch images = sizes.Batch(frame.Images, Output);
            if (frame.ParameterGradients[0] != null)
            {
                bending.Gradient(images, frame.X[0], frame.Dy, frame.ParameterGradients[0], slopes, frame.BackwardShared, frame.Workers);
            }

            if (frame.Dx[0] != null)
            {
                bending.Run(images, frame.X[0], frame.Dy, frame.Parameters[0], slopes, frame.Dx[0], frame.Workers);
            }
        }
    }
}
