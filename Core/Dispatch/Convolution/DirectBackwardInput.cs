using Fovea.Core.Kernels;
using Fovea.Core.Shapes;

namespace Fovea.Core.Dispatch;

/// <summary>
/// The gradient of a direct convolution for its input: itself a direct convolution of dy, one for each remainder that
/// an input's position leaves by the stride, with the taps that reach such inputs.
/// </summary>
public sealed unsafe class DirectBackwardInput : ConvolutionBackwardInput
{
    /// <inheritdoc/>
    public override string Name => "direct";

    /// <inheritdoc/>
    public override bool TakesAnyLayout => true;

    /// <inheritdoc/>
    public override bool Accepts(in ConvShape s) => DirectCost.Accepts(s);

    /// <inheritdoc/>
    public override double Cost(in ConvShape s) => DirectCost.Of(Correlation.BackwardInput(s));

    /// <inheritdoc/>
    public override Layout GradientLayout(in ConvShape s) => Layout.Blocked;

    /// <inheritdoc/>
    public override Layout InputLayout(in ConvShape s) => Layout.Blocked;

    /// <inheritdoc/>
    public override long PackedFloats(in ConvShape s) => Correlation.BackwardInput(s).PackedFloats;

    /// <inheritdoc/>
    public override long ScratchFloats(in ConvShape s) => Math.Max(
        Math.Max(Scratch(s, Layout.Blocked, Layout.Blocked), Scratch(s, Layout.Plain, Layout.Blocked)),
        Math.Max(Scratch(s, Layout.Blocked, Layout.Plain), Scratch(s, Layout.Plain, Layout.Plain)));

    /// <inheritdoc/>
    public override void Pack(in ConvShape s, float* weights, float* packed, Workers workers) =>
        DirectRun.Pack(Correlation.BackwardInput(s), weights, packed, workers);

    /// <inheritdoc/>
    public override void Run(in ConvShape s, float* dy, float* packed, float* dx, float* scratch, Workers workers) =>
        Run(s, dy, Layout.Blocked, packed, dx, Layout.Blocked, scratch, workers);

    /// <inheritdoc/>
    public override void Run(in ConvShape s, float* dy, Layout gradientLayout, float* packed, float* dx, Layout inputLayout, float* scratch, Workers workers) =>
        DirectRun.Run(Correlation.BackwardInput(s, gradientLayout, inputLayout), dy, packed, default, dx, scratch, ScratchFloats(s), workers);

    private static long Scratch(in ConvShape s, Layout gradient, Layout input) =>
        DirectRun.ScratchFloats(Correlation.BackwardInput(s, gradient, input));
}
