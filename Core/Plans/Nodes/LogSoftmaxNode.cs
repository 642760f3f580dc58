using Fovea.Core.Dispatch;
using Fovea.Core.Shapes;

namespace Fovea.Core.Plans;

/// <summary>The logarithm of softmax over an axis of an image: the classes of a vector, or of each pixel.</summary>
public sealed class LogSoftmaxNode : Node
{
    private readonly AxisShape along;

    /// <summary>Creates the node for images of a shape, over one of their axes.</summary>
    public LogSoftmaxNode(Shape shape, int axis)
    {
        Output = shape;
        Axis = axis;
        along = AxisShape.Of("logSoftmax", shape, axis);
    }

    /// <inheritdoc/>
    public override string Name => "logSoftmax";

    /// <summary>Over which axis of an image; negative axes count from the end.</summary>
    public int Axis { get; }

    /// <inheritdoc/>
    public override Shape Output { get; }

    /// <inheritdoc/>
    public override Reach Reach => along.Outer == 1 && along.Inner > 1 ? Reach.Pixel : Reach.Whole;

    /// <summary>Five an element: the maximum, a difference, an exponential, a sum, a difference.</summary>
    public override long Flops => 5L * Output.Count;

    /// <inheritdoc/>
    public override void Forward<T>(WitnessFrame<T> frame) =>
        Reference.LogSoftmaxForward<T>(frame.Images * along.Outer, along.Length, along.Inner, frame.X[0], frame.Y);

    /// <inheritdoc/>
    public override void Backward<T>(WitnessFrame<T> frame) =>
        Reference.LogSoftmaxBackward<T>(frame.Images * along.Outer, along.Length, along.Inner, frame.Y, frame.Dy, frame.Dx[0]);

    /// <inheritdoc/>
    public override Step Lower(Lowering lowering) => new LogSoftmaxStep(along, Output.Count);

    private sealed unsafe class LogSoftmaxStep(AxisShape along, int elements) : Step
    {
        public override IReadOnlyList<Layout> Inputs => [Layout.Plain];

        public override Layout Output => Layout.Plain;

        public override bool KeepsOutput => true;

        // Rows of classes are short: the twin itself is fast enough.
        public override void Forward(StepFrame frame)
        {
            int count = frame.Images * elements;
            Reference.LogSoftmaxForward<float>(frame.Images * along.Outer, along.Length, along.Inner, new(frame.X[0], count), new(frame.Y, count));
        }

        public override void Backward(StepFrame frame)
        {
            int count = frame.Images * elements;
            Reference.LogSoftmaxBackward<float>(frame.Images * along.Outer, along.Length, along.Inner, new(frame.Y, count), new(frame.Dy, count), new(frame.Dx[0], count));
        }
    }
}
