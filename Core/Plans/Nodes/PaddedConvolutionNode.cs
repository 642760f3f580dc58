using Fovea.Core.Dispatch;
using Fovea.Core.Shapes;

namespace Fovea.Core.Plans;

/// <summary>
/// Convolution of an image around which there is something else than zeros: a padding, then a convolution without one, as
/// one operation. The padded image is scratch: it is made again in the backward pass.
/// </summary>
public sealed class PaddedConvolutionNode : Node
{
    private readonly ResampleShape padding;
    private readonly ConvolutionNode convolution;

    /// <summary>Creates the node.</summary>
    /// <param name="padding">The sizes of the padding, for one image.</param>
    /// <param name="convolution">The convolution of the padded image.</param>
    /// <param name="reach">What one output sees of the image.</param>
    public PaddedConvolutionNode(ResampleShape padding, ConvolutionNode convolution, Reach reach)
    {
        ArgumentNullException.ThrowIfNull(convolution);
        this.padding = padding.WithBatch(1);
        this.convolution = convolution;
        Reach = reach;
    }

    /// <inheritdoc/>
    public override string Name => convolution.Name;

    /// <inheritdoc/>
    public override Shape Output => convolution.Output;

    /// <inheritdoc/>
    public override IReadOnlyList<ParameterSpec> Parameters => convolution.Parameters;

    /// <inheritdoc/>
    public override long Macs => convolution.Macs;

    /// <inheritdoc/>
    public override Reach Reach { get; }

    /// <inheritdoc/>
    public override bool FusesRelu => convolution.FusesRelu;

    /// <inheritdoc/>
    public override bool FoldsNorm => convolution.FoldsNorm;

    /// <inheritdoc/>
    public override void Forward<T>(WitnessFrame<T> frame) => convolution.Forward(Padded(frame));

    /// <inheritdoc/>
    public override void Backward<T>(WitnessFrame<T> frame)
    {
        WitnessFrame<T> padded = Padded(frame);
        frame.Dy.CopyTo(padded.Dy, 0);
        convolution.Backward(padded);
        Reference.ResamplingBackward<T>(padding.WithBatch(frame.Images), padded.Dx[0], frame.Dx[0]);
        padded.ParameterGradients.CopyTo(frame.ParameterGradients, 0);
    }

    /// <inheritdoc/>
    public override Step Lower(Lowering lowering)
    {
        ArgumentNullException.ThrowIfNull(lowering);
        return new PaddedStep(padding.WithBatch(lowering.Batch), convolution.Lower(lowering));
    }

    private WitnessFrame<T> Padded<T>(WitnessFrame<T> frame)
        where T : System.Numerics.IFloatingPointIeee754<T>
    {
        ResampleShape s = padding.WithBatch(frame.Images);
        T[] padded = new T[s.Output.Count];
        Reference.ResamplingForward<T>(s, frame.X[0], padded);
        return new WitnessFrame<T>(frame.Images, [padded], frame.Y, frame.Parameters, frame.Mode, frame.Key);
    }

    /// <summary>Lays the padded image into scratch, behind that of the step that reads it.</summary>
    private sealed unsafe class PaddedStep : Step
    {
        private readonly ResampleShape padding;
        private readonly Step inner;
        private readonly Layout layout;
        private readonly Resampling algorithm;
        private readonly long floats;

        public PaddedStep(ResampleShape padding, Step inner)
        {
            this.padding = padding;
            this.inner = inner;
            layout = inner.Inputs[0];
            algorithm = ResamplingTable.Choose(padding, layout);

            // In whole cache lines.
            floats = ((padding.N * Blocks.ImageFloats(layout, padding.C, padding.Rows.Outputs * padding.Columns.Outputs)) + 31) / 16 * 16;
        }

        public override string Algorithm => inner.Algorithm;

        public override IReadOnlyList<Layout> Inputs => inner.Inputs;

        public override Layout Output => inner.Output;

        public override bool KeepsInput => inner.KeepsInput;

        public override bool KeepsOutput => inner.KeepsOutput;

        public override long PackedFloats => inner.PackedFloats;

        public override long PackingFloats => inner.PackingFloats;

        public override long BackwardPackedFloats => inner.BackwardPackedFloats;

        public override long SavedFloats => inner.SavedFloats;

        public override long SavedBatchFloats => inner.SavedBatchFloats;

        public override long ScratchFloats => Math.Max(inner.ScratchFloats, algorithm.ScratchFloats(padding, layout));

        public override long BackwardScratchFloats => Math.Max(inner.BackwardScratchFloats, algorithm.ScratchFloats(padding, layout));

        public override long SharedFloats => floats + inner.SharedFloats;

        public override long BackwardSharedFloats => (2 * floats) + inner.BackwardSharedFloats;

        public override void Pack(StepFrame frame) => inner.Pack(frame);

        public override void PackBackward(StepFrame frame) => inner.PackBackward(frame);

        public override void Forward(StepFrame frame)
        {
            float* x = frame.X[0], shared = frame.Shared;
            algorithm.Forward(padding.WithBatch(frame.Images), layout, x, shared, frame.Scratch, frame.Workers);
            frame.X[0] = shared;
            frame.Shared = shared + floats;
            inner.Forward(frame);
            frame.X[0] = x;
            frame.Shared = shared;
        }

        public override void Backward(StepFrame frame)
        {
            ResampleShape s = padding.WithBatch(frame.Images);
            float* x = frame.X[0], dx = frame.Dx[0], shared = frame.BackwardShared;
            if (KeepsInput)
            {
                algorithm.Forward(s, layout, x, shared, frame.BackwardScratch, frame.Workers);
            }

            frame.X[0] = shared;
            frame.Dx[0] = shared + floats;
            frame.BackwardShared = shared + (2 * floats);
            inner.Backward(frame);
            frame.X[0] = x;
            frame.Dx[0] = dx;
            frame.BackwardShared = shared;
            if (dx != null)
            {
                algorithm.Backward(s, layout, shared + floats, dx, frame.BackwardScratch, frame.Workers);
            }
        }
    }
}
