using Fovea.Core.Dispatch;
using Fovea.Core.Randomness;
using Fovea.Core.Shapes;

namespace Fovea.Core.Plans;

/// <summary>Dropout in training; in evaluation its input itself.</summary>
public sealed class DropoutNode : Node
{
    private readonly Dropping dropping;
    private readonly ImageSizes sizes;

    /// <summary>Creates the node.</summary>
    /// <param name="shape">The shape of one image.</param>
    /// <param name="rate">The probability of dropping, 0..1.</param>
    /// <param name="scope">What is dropped together.</param>
    public DropoutNode(Shape shape, double rate, DropScope scope)
    {
        Output = shape;
        dropping = new Dropping(rate, scope);
        sizes = ImageSizes.Of(shape);
    }

    /// <inheritdoc/>
    public override string Name => "dropout";

    /// <inheritdoc/>
    public override Shape Output { get; }

    /// <inheritdoc/>
    public override bool IsIdentity(RunMode mode) => mode == RunMode.Evaluation;

    /// <inheritdoc/>
    public override void Forward<T>(WitnessFrame<T> frame) => Map<T>(frame, frame.X[0], frame.Y);

    /// <inheritdoc/>
    public override void Backward<T>(WitnessFrame<T> frame) => Map<T>(frame, frame.Dy, frame.Dx[0]);

    /// <inheritdoc/>
    public override Step Lower(Lowering lowering) => new DropoutStep(dropping, sizes, lowering.Inputs[0]);

    private void Map<T>(WitnessFrame<T> frame, T[] from, T[] to)
        where T : System.Numerics.IFloatingPointIeee754<T>
    {
        if (IsIdentity(frame.Mode))
        {
            from.CopyTo(to, 0);
        }
        else
        {
            dropping.Reference<T>(frame.Key, frame.Images, sizes.C, sizes.Pixels, from, to);
        }
    }

    // Draws are made again in the backward pass: that costs less than keeping them.
    private sealed unsafe class DropoutStep(Dropping dropping, ImageSizes sizes, Layout layout) : Step
    {
        public override IReadOnlyList<Layout> Inputs => [layout];

        public override Layout Output => layout;

        public override void Forward(StepFrame frame) =>
            dropping.Run(frame.Key, sizes.Batch(frame.Images, layout), frame.X[0], frame.Y, frame.Workers);

        public override void Backward(StepFrame frame) =>
            dropping.Run(frame.Key, sizes.Batch(frame.Images, layout), frame.Dy, frame.Dx[0], frame.Workers);
    }
}
