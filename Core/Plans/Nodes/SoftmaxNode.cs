using Fovea.Core.Dispatch;
using Fovea.Core.Shapes;

namespace Fovea.Core.Plans;

/// <summary>Softmax over all elements of an image's vector: probabilities from logits. Training is on the logits themselves.</summary>
public sealed class SoftmaxNode : Node
{
    /// <summary>Creates the node for vectors of a shape.</summary>
    public SoftmaxNode(Shape shape) => Output = shape;

    /// <inheritdoc/>
    public override string Name => "softmax";

    /// <inheritdoc/>
    public override Shape Output { get; }

    /// <inheritdoc/>
    public override Reach Reach => Reach.Whole;

    /// <summary>Five an element: the maximum, a difference, an exponential, a sum, a quotient.</summary>
    public override long Flops => 5L * Output.Count;

    /// <inheritdoc/>
    public override void Forward<T>(WitnessFrame<T> frame) =>
        Reference.SoftmaxForward<T>(frame.Images, Output.Count, frame.X[0], frame.Y);

    /// <inheritdoc/>
    public override void Backward<T>(WitnessFrame<T> frame) =>
        Reference.SoftmaxBackward<T>(frame.Images, Output.Count, frame.Y, frame.Dy, frame.Dx[0]);

    /// <inheritdoc/>
    public override Step Lower(Lowering lowering) => new SoftmaxStep(Output.Count);

    private sealed unsafe class SoftmaxStep(int classes) : Step
    {
        public override IReadOnlyList<Layout> Inputs => [Layout.Plain];

        public override Layout Output => Layout.Plain;

        public override bool KeepsOutput => true;

        // Rows of classes are short: the twin itself is fast enough.
        public override void Forward(StepFrame frame) =>
            Reference.SoftmaxForward<float>(frame.Images, classes, new(frame.X[0], frame.Images * classes), new(frame.Y, frame.Images * classes));

        public override void Backward(StepFrame frame) =>
            Reference.SoftmaxBackward<float>(frame.Images, classes, new(frame.Y, frame.Images * classes), new(frame.Dy, frame.Images * classes), new(frame.Dx[0], frame.Images * classes));
    }
}
