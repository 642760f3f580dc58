using Fovea.Core.Dispatch;
using Fovea.Core.Shapes;

namespace Fovea.Core.Plans;

/// <summary>Channels of zeros before and after an image's own.</summary>
public sealed class PadChannelsNode : Node
{
    private readonly int own;
    private readonly int from;

    /// <summary>Creates the node for images of a shape.</summary>
    public PadChannelsNode(Shape shape, int before, int after)
    {
        ArgumentNullException.ThrowIfNull(shape);
        Before = before;
        After = after;
        Output = shape.Tail.Prepend(before + shape[0] + after);
        own = shape.Count;
        from = before * shape.Tail.Count;
    }

    /// <inheritdoc/>
    public override string Name => "padChannels";

    /// <inheritdoc/>
    public override Shape Output { get; }

    /// <summary>Channels before.</summary>
    public int Before { get; }

    /// <summary>Channels after.</summary>
    public int After { get; }

    /// <inheritdoc/>
    public override void Forward<T>(WitnessFrame<T> frame)
    {
        for (int n = 0; n < frame.Images; n++)
        {
            Array.Copy(frame.X[0], n * own, frame.Y, (n * Output.Count) + from, own);
        }
    }

    /// <inheritdoc/>
    public override void Backward<T>(WitnessFrame<T> frame)
    {
        for (int n = 0; n < frame.Images; n++)
        {
            Array.Copy(frame.Dy, (n * Output.Count) + from, frame.Dx[0], n * own, own);
        }
    }

    /// <inheritdoc/>
    public override Step Lower(Lowering lowering) => new PadStep(own, from, Output.Count);

    private sealed unsafe class PadStep(int own, int from, int padded) : Step
    {
        public override IReadOnlyList<Layout> Inputs => [Layout.Plain];

        public override Layout Output => Layout.Plain;

        public override void Forward(StepFrame frame)
        {
            new Span<float>(frame.Y, frame.Images * padded).Clear();
            Joining.Copy(frame.X[0], own, frame.Y + from, padded, own, frame.Images, frame.Workers);
        }

        public override void Backward(StepFrame frame) =>
            Joining.Copy(frame.Dy + from, padded, frame.Dx[0], own, own, frame.Images, frame.Workers);
    }
}
