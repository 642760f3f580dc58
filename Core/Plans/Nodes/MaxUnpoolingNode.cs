using Fovea.Core.Dispatch;
using Fovea.Core.Shapes;

namespace Fovea.Core.Plans;

/// <summary>
/// Max-unpooling, of two inputs: the values C×P×Q, and what a max pooling was given, C×H×W, whose maxima say where the values
/// go. Where they stand does not depend on the second input smoothly: its gradient is zero.
/// </summary>
public sealed class MaxUnpoolingNode : Node
{
    private readonly PoolShape shape;

    /// <summary>Creates the node from the sizes of the max pooling.</summary>
    public MaxUnpoolingNode(PoolShape shape) => this.shape = shape.WithBatch(1);

    /// <summary>The sizes of the max pooling.</summary>
    public PoolShape Shape => shape;

    /// <inheritdoc/>
    public override string Name => "maxUnpool";

    /// <inheritdoc/>
    public override Shape Output => shape.Input.Tail;

    /// <summary>An output copies a value from somewhere in its window, which a window of the smaller image cannot say.</summary>
    public override Reach Reach => Reach.Whole;

    /// <inheritdoc/>
    public override void Forward<T>(WitnessFrame<T> frame)
    {
        int[] indices = new int[frame.X[0].Length];
        Reference.MaxPoolingIndices<T>(shape.WithBatch(frame.Images), frame.X[1], indices);
        Reference.UnpoolingForward<T>(frame.Images * shape.C, shape.H * shape.W, shape.P * shape.Q, indices, frame.X[0], frame.Y);
        frame.Saved = indices;
    }

    /// <inheritdoc/>
    public override void Backward<T>(WitnessFrame<T> frame) =>
        Reference.UnpoolingBackward<T>(frame.Images * shape.C, shape.H * shape.W, shape.P * shape.Q, (int[])frame.Saved!, frame.Dy, frame.Dx[0]);

    /// <inheritdoc/>
    public override Step Lower(Lowering lowering) => new MaxUnpoolingStep(shape);

    private sealed unsafe class MaxUnpoolingStep(PoolShape shape) : Step
    {
        private readonly MaxUnpooling algorithm = PoolingTables.ChooseUnpool(shape);

        public override string Algorithm => algorithm.Name;

        public override IReadOnlyList<Layout> Inputs => [algorithm.Layout, algorithm.Layout];

        public override Layout Output => algorithm.Layout;

        public override long SavedFloats => (algorithm.TapBytes(shape) + sizeof(float) - 1) / sizeof(float);

        public override void Forward(StepFrame frame) =>
            algorithm.Forward(shape.WithBatch(frame.Images), frame.X[0], frame.X[1], (byte*)frame.Saved, frame.Y, frame.Workers);

        public override void Backward(StepFrame frame)
        {
            if (frame.Dx[0] != null)
            {
                algorithm.Backward(shape.WithBatch(frame.Images), frame.Dy, (byte*)frame.Saved, frame.Dx[0], frame.Workers);
            }

            if (frame.Dx[1] != null)
            {
                new Span<float>(frame.Dx[1], (int)(frame.Images * Blocks.ImageFloats(algorithm.Layout, shape.C, shape.H * shape.W))).Clear();
            }
        }
    }
}
