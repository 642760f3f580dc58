using Fovea.Core.Dispatch;
using Fovea.Core.Shapes;

namespace Fovea.Core.Plans;

/// <summary>The sum of two values of one shape: where a residual's branches meet.</summary>
public sealed class SumNode : Node
{
    /// <summary>Creates the node for values of a shape.</summary>
    public SumNode(Shape shape) => Output = shape;

    /// <inheritdoc/>
    public override string Name => "add";

    /// <inheritdoc/>
    public override Shape Output { get; }

    /// <summary>One an element.</summary>
    public override long Flops => Output.Count;

    /// <inheritdoc/>
    public override void Forward<T>(WitnessFrame<T> frame)
    {
        for (int i = 0; i < frame.Y.Length; i++)
        {
            frame.Y[i] = frame.X[0][i] + frame.X[1][i];
        }
    }

    /// <inheritdoc/>
    public override void Backward<T>(WitnessFrame<T> frame)
    {
        frame.Dy.CopyTo(frame.Dx[0], 0);
        frame.Dy.CopyTo(frame.Dx[1], 0);
    }

    /// <inheritdoc/>
    public override Step Lower(Lowering lowering)
    {
        // Both must lie alike: blocked if either is, since that is where the convolutions are.
        Layout layout = lowering.Inputs.Contains(Layout.Blocked) ? Layout.Blocked : Layout.Plain;
        return new SumStep(ImageSizes.Of(Output), layout);
    }

    private sealed unsafe class SumStep(ImageSizes sizes, Layout layout) : Step
    {
        public override IReadOnlyList<Layout> Inputs => [layout, layout];

        public override Layout Output => layout;

        public override void Forward(StepFrame frame) =>
            Elementwise.Add(frame.X[0], frame.X[1], frame.Y, sizes.Batch(frame.Images, layout).Floats, frame.Workers);

        public override void Backward(StepFrame frame)
        {
            foreach (float* dx in frame.Dx)
            {
                if (dx != null)
                {
                    Elementwise.Copy(frame.Dy, dx, sizes.Batch(frame.Images, layout).Floats, frame.Workers);
                }
            }
        }
    }
}
