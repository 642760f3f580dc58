using Fovea.Core.Dispatch;
using Fovea.Core.Shapes;

namespace Fovea.Core.Plans;

/// <summary>The logarithm of softmax over all elements of an image's vector.</summary>
public sealed class LogSoftmaxNode : Node
{
    /// <summary>Creates the node for vectors of a shape.</summary>
    public LogSoftmaxNode(Shape shape) => Output = shape;

    /// <inheritdoc/>
    public override string Name => "logSoftmax";

    /// <inheritdoc/>
    public override Shape Output { get; }

    /// <inheritdoc/>
    public override Reach Reach => Reach.Whole;

    /// <summary>Five an element: the maximum, a difference, an exponential, a sum, a difference.</summary>
    public override long Flops => 5L * Output.Count;

    /// <inheritdoc/>
    public override void Forward<T>(WitnessFrame<T> frame) =>
        Reference.LogSoftmaxForward<T>(frame.Images, Output.Count, frame.X[0], frame.Y);

    /// <inheritdoc/>
    public override void Backward<T>(WitnessFrame<T> frame) =>
        Reference.LogSoftmaxBackward<T>(frame.Images, Output.Count, frame.Y, frame.Dy, frame.Dx[0]);

    /// <inheritdoc/>
    public override Step Lower(Lowering lowering) => new LogSoftmaxStep(Output.Count);

    private sealed unsafe class LogSoftmaxStep(int classes) : Step
    {
        public override IReadOnlyList<Layout> Inputs => [Layout.Plain];

        public override Layout Output => Layout.Plain;

        public override bool KeepsOutput => true;

        // Rows of classes are short: the twin itself is fast enough.
        public override void Forward(StepFrame frame) =>
            Reference.LogSoftmaxForward<float>(frame.Images, classes, new(frame.X[0], frame.Images * classes), new(frame.Y, frame.Images * classes));

        public override void Backward(StepFrame frame) =>
            Reference.LogSoftmaxBackward<float>(frame.Images, classes, new(frame.Y, frame.Images * classes), new(frame.Dy, frame.Images * classes), new(frame.Dx[0], frame.Images * classes));
    }
}
