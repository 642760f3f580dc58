using Fovea.Core.Dispatch;
using Fovea.Core.Shapes;

namespace Fovea.Core.Plans;

/// <summary>Average pooling.</summary>
public sealed class AveragePoolingNode : Node
{
    private readonly PoolShape shape;
    private readonly int[] divisors;

    /// <summary>Creates the node from its sizes for one image.</summary>
    /// <param name="shape">The sizes.</param>
    /// <param name="divisors">What each of the P×Q windows is divided by.</param>
    public AveragePoolingNode(PoolShape shape, int[] divisors)
    {
        ArgumentNullException.ThrowIfNull(divisors);
        this.shape = shape.WithBatch(1);
        this.divisors = divisors.Length == shape.P * shape.Q
            ? divisors
            : throw new ArgumentException($"avgPool: {shape.P * shape.Q} divisors expected, got {divisors.Length}", nameof(divisors));
    }

    /// <inheritdoc/>
    public override string Name => "avgPool";

    /// <inheritdoc/>
    public override Shape Output => shape.Output.Tail;

    /// <inheritdoc/>
    public override Reach Reach => new(shape.Vertical, shape.Horizontal);

    /// <summary>One a pixel of each window.</summary>
    public override long Flops => (long)Output.Count * shape.R * shape.S;

    /// <inheritdoc/>
    public override void Forward<T>(WitnessFrame<T> frame) =>
        Reference.AveragePoolingForward<T>(shape.WithBatch(frame.Images), frame.X[0], divisors, frame.Y);

    /// <inheritdoc/>
    public override void Backward<T>(WitnessFrame<T> frame) =>
        Reference.AveragePoolingBackward<T>(shape.WithBatch(frame.Images), frame.Dy, divisors, frame.Dx[0]);

    /// <inheritdoc/>
    public override Step Lower(Lowering lowering) => new AveragePoolingStep(shape, divisors);

    private sealed unsafe class AveragePoolingStep(PoolShape shape, int[] divisors) : Step
    {
        private readonly AveragePooling algorithm = PoolingTables.ChooseAverage(shape);

        public override string Algorithm => algorithm.Name;

        public override IReadOnlyList<Layout> Inputs => [algorithm.Layout];

        public override Layout Output => algorithm.Layout;

        public override void Forward(StepFrame frame)
        {
            fixed (int* by = divisors)
            {
                algorithm.Forward(shape.WithBatch(frame.Images), frame.X[0], by, frame.Y, frame.Workers);
            }
        }

        public override void Backward(StepFrame frame)
        {
            fixed (int* by = divisors)
            {
                algorithm.Backward(shape.WithBatch(frame.Images), frame.Dy, by, frame.Dx[0], frame.Workers);
            }
        }
    }
}
