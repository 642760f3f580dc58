using Fovea.Core.Dispatch;
using Fovea.Core.Shapes;

namespace Fovea.Core.Plans;

/// <summary>Max pooling. Padding is never read, so that it can neither win nor show.</summary>
public sealed class MaxPoolingNode : Node
{
    private readonly PoolShape shape;

    /// <summary>Creates the node from its sizes for one image.</summary>
    public MaxPoolingNode(PoolShape shape) => this.shape = shape.WithBatch(1);

    /// <summary>The sizes, for one image.</summary>
    public PoolShape Shape => shape;

    /// <inheritdoc/>
    public override string Name => "maxPool";

    /// <inheritdoc/>
    public override Shapes.Shape Output => shape.Output.Tail;

    /// <inheritdoc/>
    public override Reach Reach => new(shape.Vertical, shape.Horizontal);

    /// <summary>One a pixel of each window.</summary>
    public override long Flops => (long)Output.Count * shape.R * shape.S;

    /// <inheritdoc/>
    public override void Forward<T>(WitnessFrame<T> frame)
    {
        int[] taps = new int[frame.Y.Length];
        Reference.MaxPoolingForward<T>(shape.WithBatch(frame.Images), frame.X[0], frame.Y, taps);
        frame.Saved = taps;
    }

    /// <inheritdoc/>
    public override void Backward<T>(WitnessFrame<T> frame) =>
        Reference.MaxPoolingBackward<T>(shape.WithBatch(frame.Images), frame.Dy, (int[])frame.Saved!, frame.Dx[0]);

    /// <inheritdoc/>
    public override Step Lower(Lowering lowering) => new MaxPoolingStep(shape, lowering.HasBackward && lowering.InputGradient, lowering.FusedRelu);

    private sealed unsafe class MaxPoolingStep(PoolShape shape, bool hasBackward, bool hasRelu) : Step
    {
        private static readonly Activation Relu = Activation.Of(ActivationKind.Relu);

        private readonly MaxPooling algorithm = PoolingTables.ChooseMax(shape);

        // Of a ReLU that the algorithm takes in, the taps keep all that the gradient needs; of another, the output is read.
        private bool FusesRelu => hasRelu && algorithm.FusesRelu(shape);

        private bool ReluFollows => hasRelu && !algorithm.FusesRelu(shape);

        public override string Algorithm => algorithm.Name;

        public override IReadOnlyList<Layout> Inputs => [algorithm.Layout];

        public override Layout Output => algorithm.Layout;

        public override long SavedFloats => hasBackward ? (algorithm.TapBytes(shape) + sizeof(float) - 1) / sizeof(float) : 0;

        public override bool KeepsOutput => hasBackward && ReluFollows;

        public override void Forward(StepFrame frame)
        {
            algorithm.Forward(shape.WithBatch(frame.Images), frame.X[0], frame.Y, hasBackward ? (byte*)frame.Saved : null, FusesRelu, frame.Workers);
            if (ReluFollows)
            {
                Relu.Forward(frame.Y, frame.Y, Floats(frame.Images), frame.Workers);
            }
        }

        public override void Backward(StepFrame frame)
        {
            if (ReluFollows)
            {
                Relu.Backward(frame.Y, frame.Y, frame.Dy, frame.Dy, Floats(frame.Images), frame.Workers);
            }

            algorithm.Backward(shape.WithBatch(frame.Images), frame.Dy, (byte*)frame.Saved, frame.Dx[0], frame.Workers);
        }

        private long Floats(int images) => new ImageBatch(images, shape.C, shape.P * shape.Q, Output).Floats;
    }
}
