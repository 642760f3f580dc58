using System.Numerics;
using Fovea.Core.Dispatch;
using Fovea.Core.Shapes;

namespace Fovea.Core.Plans;

/// <summary>x·scale + shift with a constant factor and term for each channel: normalisation by known statistics.</summary>
public sealed class AffineNode : Node
{
    private readonly double[] scale;
    private readonly double[] shift;

    /// <summary>Creates the node for images of a shape, its first extent the channels.</summary>
    public AffineNode(Shape shape, double[] scale, double[] shift)
    {
        Output = shape;
        this.scale = scale;
        this.shift = shift;
    }

    /// <inheritdoc/>
    public override string Name => "normalize";

    /// <inheritdoc/>
    public override Shape Output { get; }

    /// <summary>A product and a sum an element.</summary>
    public override long Flops => 2L * Output.Count;

    /// <inheritdoc/>
    public override void Forward<T>(WitnessFrame<T> frame)
    {
        ImageSizes sizes = ImageSizes.Of(Output);
        Reference.ChannelAffine<T>(frame.Images, sizes.C, sizes.Pixels, frame.X[0], In<T>(scale), In<T>(shift), frame.Y);
    }

    /// <inheritdoc/>
    public override void Backward<T>(WitnessFrame<T> frame)
    {
        ImageSizes sizes = ImageSizes.Of(Output);
        Reference.ChannelAffine<T>(frame.Images, sizes.C, sizes.Pixels, frame.Dy, In<T>(scale), [], frame.Dx[0]);
    }

    /// <inheritdoc/>
    public override Step Lower(Lowering lowering) => new AffineStep(ImageSizes.Of(Output), In<float>(scale), In<float>(shift), lowering.Inputs[0]);

    private static T[] In<T>(double[] values)
        where T : IFloatingPointIeee754<T> => [.. values.Select(T.CreateChecked)];

    private sealed unsafe class AffineStep(ImageSizes sizes, float[] scale, float[] shift, Layout layout) : Step
    {
        public override IReadOnlyList<Layout> Inputs => [layout];

        public override Layout Output => layout;

        public override void Forward(StepFrame frame)
        {
            fixed (float* factor = scale, term = shift)
            {
                Images.Affine(sizes.Batch(frame.Images, layout), frame.X[0], factor, term, frame.Y, frame.Workers);
            }
        }

        public override void Backward(StepFrame frame)
        {
            fixed (float* factor = scale)
            {
                Images.Affine(sizes.Batch(frame.Images, layout), frame.Dy, factor, null, frame.Dx[0], frame.Workers);
            }
        }
    }
}
