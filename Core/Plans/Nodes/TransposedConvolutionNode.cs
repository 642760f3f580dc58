using Fovea.Core.Dispatch;
using Fovea.Core.Shapes;

namespace Fovea.Core.Plans;

/// <summary>
/// Transposed convolution with an optional bias: forward what a convolution is backward for its input, and the other way
/// round.
/// </summary>
public sealed class TransposedConvolutionNode : Node
{
    private readonly ConvShape shape;

    /// <summary>Creates the node.</summary>
    /// <param name="shape">The sizes of the convolution that takes the output's shape to the input's, for one image.</param>
    /// <param name="parameters">The weight, C×(K/groups)×R×S, and the bias if there is one.</param>
    public TransposedConvolutionNode(ConvShape shape, IReadOnlyList<ParameterSpec> parameters)
    {
        this.shape = shape.WithBatch(1);
        Parameters = parameters;
    }

    /// <inheritdoc/>
    public override string Name => "convTranspose";

    /// <inheritdoc/>
    public override Shape Output => shape.Input.Tail;

    /// <inheritdoc/>
    public override IReadOnlyList<ParameterSpec> Parameters { get; }

    /// <summary>The sizes of the convolution that takes the output's shape to the input's, for one image.</summary>
    public ConvShape Shape => shape;

    /// <inheritdoc/>
    public override long Macs => shape.Macs;

    /// <inheritdoc/>
    public override Reach Reach => new(AxisReach.Transposed(shape.Vertical), AxisReach.Transposed(shape.Horizontal));

    private bool HasBias => Parameters.Count > 1;

    /// <inheritdoc/>
    public override void Forward<T>(WitnessFrame<T> frame)
    {
        ConvShape s = shape.WithBatch(frame.Images);
        Reference.ConvolutionBackwardInput<T>(s, frame.X[0], frame.Parameters[0], frame.Y);
        for (int i = 0; HasBias && i < frame.Y.Length; i++)
        {
            frame.Y[i] += frame.Parameters[1][i / (s.H * s.W) % s.C];
        }
    }

    /// <inheritdoc/>
    public override void Backward<T>(WitnessFrame<T> frame)
    {
        ConvShape s = shape.WithBatch(frame.Images);
        Reference.ConvolutionForward<T>(s, frame.Dy, frame.Parameters[0], [], frame.Dx[0]);
        Reference.ConvolutionBackwardWeights<T>(s, frame.Dy, frame.X[0], frame.ParameterGradients[0]);
        if (HasBias)
        {
            Reference.ChannelSum<T>(s.N, s.C, s.H * s.W, frame.Dy, frame.ParameterGradients[1]);
        }
    }

    /// <inheritdoc/>
    public override Step Lower(Lowering lowering) => new TransposedConvolutionStep(shape.WithBatch(lowering.Batch), HasBias, lowering);
}
