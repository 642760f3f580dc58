using System.Numerics;
using Fovea.Core.Dispatch;
using Fovea.Core.Shapes;

namespace Fovea.Core.Plans;

/// <summary>Convolution with an optional bias. A dense layer is one too, over an image of one pixel.</summary>
public sealed class ConvolutionNode : Node
{
    private readonly ConvShape shape;

    /// <summary>Creates the node.</summary>
    /// <param name="name">The operation's name: <c>conv</c> or <c>dense</c>.</param>
    /// <param name="shape">The sizes, for one image.</param>
    /// <param name="output">The shape of one image's output: K×P×Q, or K for a dense layer.</param>
    /// <param name="parameters">The weight, and the bias if there is one.</param>
    public ConvolutionNode(string name, ConvShape shape, Shape output, IReadOnlyList<ParameterSpec> parameters)
    {
        Name = name;
        this.shape = shape.WithBatch(1);
        Output = output;
        Parameters = parameters;
    }

    /// <inheritdoc/>
    public override string Name { get; }

    /// <inheritdoc/>
    public override Shape Output { get; }

    /// <inheritdoc/>
    public override IReadOnlyList<ParameterSpec> Parameters { get; }

    /// <summary>The sizes, for one image.</summary>
    public ConvShape Shape => shape;

    /// <inheritdoc/>
    public override long Macs => shape.Macs;

    /// <inheritdoc/>
    public override Reach Reach => Output.Rank == 1 ? Reach.Whole : new Reach(shape.Vertical, shape.Horizontal);

    /// <inheritdoc/>
    public override bool FusesRelu => true;

    /// <inheritdoc/>
    public override bool FoldsNorm => true;

    private bool HasBias => Parameters.Count > 1;

    /// <inheritdoc/>
    public override void Forward<T>(WitnessFrame<T> frame) =>
        Reference.ConvolutionForward<T>(shape.WithBatch(frame.Images), frame.X[0], frame.Parameters[0], HasBias ? frame.Parameters[1] : [], frame.Y);

    /// <inheritdoc/>
    public override void Backward<T>(WitnessFrame<T> frame)
    {
        ConvShape s = shape.WithBatch(frame.Images);
        Reference.ConvolutionBackwardInput<T>(s, frame.Dy, frame.Parameters[0], frame.Dx[0]);
        Reference.ConvolutionBackwardWeights<T>(s, frame.X[0], frame.Dy, frame.ParameterGradients[0]);
        if (HasBias)
        {
            Reference.ChannelSum<T>(s.N, s.K, s.P * s.Q, frame.Dy, frame.ParameterGradients[1]);
        }
    }

    /// <inheritdoc/>
    public override Step Lower(Lowering lowering) => new ConvolutionStep(shape.WithBatch(lowering.Group ?? lowering.Batch), HasBias, lowering);
}
