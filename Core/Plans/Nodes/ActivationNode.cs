using Fovea.Core.Dispatch;
using Fovea.Core.Shapes;

namespace Fovea.Core.Plans;

/// <summary>An element-wise function.</summary>
public sealed class ActivationNode : Node
{
    private readonly Activation activation;

    /// <summary>Creates the node for images of a shape.</summary>
    public ActivationNode(ActivationFunction function, Shape shape)
    {
        Function = function;
        Output = shape;
        activation = Activation.Of(function);
    }

    /// <summary>Which function.</summary>
    public ActivationFunction Function { get; }

    /// <inheritdoc/>
    public override string Name => Function.Name;

    /// <inheritdoc/>
    public override Shape Output { get; }

    /// <summary>One an element.</summary>
    public override long Flops => Output.Count;

    /// <inheritdoc/>
    public override void Forward<T>(WitnessFrame<T> frame) => activation.Reference<T>(frame.X[0], frame.Y);

    /// <inheritdoc/>
    public override void Backward<T>(WitnessFrame<T> frame) => activation.ReferenceBackward<T>(frame.X[0], frame.Y, frame.Dy, frame.Dx[0]);

    /// <summary>What computes it.</summary>
    internal Activation Activation => activation;

    /// <inheritdoc/>
    public override Step Lower(Lowering lowering) => new ActivationStep(activation, ImageSizes.Of(Output), lowering.Inputs[0]);

    private sealed unsafe class ActivationStep(Activation activation, ImageSizes sizes, Layout layout) : Step
    {
        public override IReadOnlyList<Layout> Inputs => [layout];

        public override Layout Output => layout;

        public override bool KeepsInput => activation.ReadsInput;

        public override bool KeepsOutput => activation.ReadsOutput;

        public override bool GradientInPlace => true;

        public override void Forward(StepFrame frame) =>
            activation.Forward(frame.X[0], frame.Y, sizes.Batch(frame.Images, layout).Floats, frame.Workers);

        public override void Backward(StepFrame frame) =>
            activation.Backward(frame.X[0], frame.Y, frame.Dy, frame.Dx[0], sizes.Batch(frame.Images, layout).Floats, frame.Workers);
    }
}
