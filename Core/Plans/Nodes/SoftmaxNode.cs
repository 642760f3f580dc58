using System.Numerics;
using Fovea.Core.Dispatch;
using Fovea.Core.Shapes;

namespace Fovea.Core.Plans;

/// <summary>
/// Softmax over an axis of an image, the classes of a vector or of each pixel: probabilities from logits, or their
/// logarithms. Training is on the logits themselves.
/// </summary>
public sealed class SoftmaxNode : Node
{
    private readonly AxisShape along;

    /// <summary>Creates the node for images of a shape, over one of their axes.</summary>
    /// <param name="shape">The shape of an image.</param>
    /// <param name="axis">The axis; negative ones count from the end.</param>
    /// <param name="isLogarithm">Whether the logarithm is taken, which no large logit overflows.</param>
    public SoftmaxNode(Shape shape, int axis, bool isLogarithm = false)
    {
        IsLogarithm = isLogarithm;
        Output = shape;
        Axis = axis;
        along = AxisShape.Of(Name, shape, axis);
    }

    /// <inheritdoc/>
    public override string Name => IsLogarithm ? "logSoftmax" : "softmax";

    /// <summary>Whether the logarithm is taken.</summary>
    public bool IsLogarithm { get; }

    /// <summary>Over which axis of an image; negative axes count from the end.</summary>
    public int Axis { get; }

    /// <inheritdoc/>
    public override Shape Output { get; }

    /// <inheritdoc/>
    public override Reach Reach => along.Outer == 1 && along.Inner > 1 ? Reach.Pixel : Reach.Whole;

    /// <summary>Five an element: the maximum, a difference, an exponential, a sum, a quotient or another difference.</summary>
    public override long Flops => 5L * Output.Count;

    /// <inheritdoc/>
    public override void Forward<T>(WitnessFrame<T> frame) => Forward<T>(frame.Images, frame.X[0], frame.Y);

    /// <inheritdoc/>
    public override void Backward<T>(WitnessFrame<T> frame) => Backward<T>(frame.Images, frame.Y, frame.Dy, frame.Dx[0]);

    /// <inheritdoc/>
    public override Step Lower(Lowering lowering) => new SoftmaxStep(this);

    private void Forward<T>(int images, ReadOnlySpan<T> x, Span<T> y)
        where T : IFloatingPointIeee754<T>
    {
        int outer = images * along.Outer;
        if (IsLogarithm)
        {
            Reference.LogSoftmaxForward(outer, along.Length, along.Inner, x, y);
        }
        else
        {
            Reference.SoftmaxForward(outer, along.Length, along.Inner, x, y);
        }
    }

    private void Backward<T>(int images, ReadOnlySpan<T> y, ReadOnlySpan<T> dy, Span<T> dx)
        where T : IFloatingPointIeee754<T>
    {
        int outer = images * along.Outer;
        if (IsLogarithm)
        {
            Reference.LogSoftmaxBackward(outer, along.Length, along.Inner, y, dy, dx);
        }
        else
        {
            Reference.SoftmaxBackward(outer, along.Length, along.Inner, y, dy, dx);
        }
    }

    private sealed unsafe class SoftmaxStep(SoftmaxNode node) : Step
    {
        public override IReadOnlyList<Layout> Inputs => [Layout.Plain];

        public override Layout Output => Layout.Plain;

        public override bool KeepsOutput => true;

        // Rows of classes are short: the twin itself is fast enough.
        public override void Forward(StepFrame frame)
        {
            int count = frame.Images * node.Output.Count;
            node.Forward<float>(frame.Images, new(frame.X[0], count), new(frame.Y, count));
        }

        public override void Backward(StepFrame frame)
        {
            int count = frame.Images * node.Output.Count;
            node.Backward<float>(frame.Images, new(frame.Y, count), new(frame.Dy, count), new(frame.Dx[0], count));
        }
    }
}
