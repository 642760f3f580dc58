using Fovea.Core.Dispatch;
using Fovea.Core.Shapes;

namespace Fovea.Core.Plans;

/// <summary>A convolution whose weights are not shared between places.</summary>
public sealed class LocalConvolutionNode : Node
{
    private readonly ConvShape shape;

    /// <summary>Creates the node.</summary>
    /// <param name="shape">The sizes, for one image; without groups.</param>
    /// <param name="parameters">The weight, and the bias if there is one.</param>
    public LocalConvolutionNode(ConvShape shape, IReadOnlyList<ParameterSpec> parameters)
    {
        this.shape = shape.WithBatch(1);
        Parameters = parameters;
    }

    /// <inheritdoc/>
    public override string Name => "locallyConnected";

    /// <inheritdoc/>
    public override Shape Output => shape.Output.Tail;

    /// <inheritdoc/>
    public override IReadOnlyList<ParameterSpec> Parameters { get; }

    /// <inheritdoc/>
    public override long Macs => shape.Macs;

    /// <inheritdoc/>
    public override Reach Reach => new(shape.Vertical, shape.Horizontal);

    private bool HasBias => Parameters.Count > 1;

    /// <inheritdoc/>
    public override void Forward<T>(WitnessFrame<T> frame) =>
        Reference.LocalForward<T>(shape.WithBatch(frame.Images), frame.X[0], frame.Parameters[0], HasBias ? frame.Parameters[1] : [], frame.Y);

    /// <inheritdoc/>
    public override void Backward<T>(WitnessFrame<T> frame)
    {
        ConvShape s = shape.WithBatch(frame.Images);
        Reference.LocalBackwardInput<T>(s, frame.Dy, frame.Parameters[0], frame.Dx[0]);
        Reference.LocalBackwardWeights<T>(s, frame.X[0], frame.Dy, frame.ParameterGradients[0]);
        if (HasBias)
        {
            Reference.LocalBiasGradient<T>(s, frame.Dy, frame.ParameterGradients[1]);
        }
    }

    /// <inheritdoc/>
    public override Step Lower(Lowering lowering) => new LocalStep(shape, HasBias);

    private sealed unsafe class LocalStep(ConvShape shape, bool hasBias) : Step
    {
        private readonly LocalConvolution algorithm = LocalTable.Choose(shape);

        public override string Algorithm => algorithm.Name;

        public override IReadOnlyList<Layout> Inputs => [Layout.Plain];

        public override Layout Output => Layout.Plain;

        public override bool KeepsInput => true;

        public override long ScratchFloats => algorithm.ScratchFloats(shape);

        public override long BackwardScratchFloats => ScratchFloats;

        public override void Forward(StepFrame frame) =>
            algorithm.Forward(Of(frame), frame.X[0], frame.Parameters[0], hasBias ? frame.Parameters[1] : null, frame.Y, frame.Scratch, frame.Workers);

        public override void Backward(StepFrame frame)
        {
            if (frame.ParameterGradients[0] != null)
            {
                algorithm.BackwardWeights(Of(frame), frame.X[0], frame.Dy, frame.ParameterGradients[0], hasBias ? frame.ParameterGradients[1] : null, frame.BackwardScratch, frame.Workers);
            }

            if (frame.Dx[0] != null)
            {
                algorithm.BackwardInput(Of(frame), frame.Dy, frame.Parameters[0], frame.Dx[0], frame.BackwardScratch, frame.Workers);
            }
        }

        private ConvShape Of(StepFrame frame) => shape.WithBatch(frame.Images);
    }
}
