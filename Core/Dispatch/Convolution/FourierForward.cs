using Fovea.Core.Kernels;
using Fovea.Core.Shapes;

namespace Fovea.Core.Dispatch;

/// <summary>
/// Convolution of stride 1 by Fourier transforms, for large windows: what it costs hardly depends on their size. A NaN or ∞
/// spreads over all outputs of its image.
/// </summary>
public sealed unsafe class FourierForward : ConvolutionForward
{
    /// <inheritdoc/>
    public override string Name => "fourier";

    /// <inheritdoc/>
    public override bool IsExact => false;

    /// <inheritdoc/>
    public override bool Accepts(in ConvShape s) => FourierCost.Accepts(s);

    /// <inheritdoc/>
    public override double Cost(in ConvShape s) => FourierCost.Of(s, FourierProduct.Forward(s));

    /// <inheritdoc/>
    public override Layout InputLayout(in ConvShape s) => Layout.Blocked;

    /// <inheritdoc/>
    public override Layout OutputLayout(in ConvShape s) => Layout.Blocked;

    /// <inheritdoc/>
    public override long PackedFloats(in ConvShape s) => FourierProduct.Forward(s).PackedFloats;

    /// <inheritdoc/>
    public override long ScratchFloats(in ConvShape s) => FourierProduct.Forward(s).ScratchFloats;

    /// <inheritdoc/>
    public override void Pack(in ConvShape s, float* weights, float* packed, Workers workers) =>
        FourierJob.Pack(FourierProduct.Forward(s), weights, packed, workers);

    /// <inheritdoc/>
    public override void Run(in ConvShape s, float* x, Layout inputLayout, float* packed, Epilogue epilogue, float* y, float* scratch, Workers workers) =>
        FourierJob.Run(FourierProduct.Forward(s), x, packed, epilogue, y, scratch, ScratchFloats(s), workers);
}

/// <summary>The gradient for the input by Fourier transforms: the same products, the weights not conjugated.</summary>
public sealed unsafe class FourierBackwardInput : ConvolutionBackwardInput
{
    /// <inheritdoc/>
    public override string Name => "fourier";

    /// <inheritdoc/>
    public override bool IsExact => false;

    /// <inheritdoc/>
    public override bool Accepts(in ConvShape s) => FourierCost.Accepts(s);

    /// <inheritdoc/>
    public override double Cost(in ConvShape s) => FourierCost.Of(s, FourierProduct.Backward(s));

    /// <inheritdoc/>
    public override Layout GradientLayout(in ConvShape s) => Layout.Blocked;

    /// <inheritdoc/>
    public override Layout InputLayout(in ConvShape s) => Layout.Blocked;

    /// <inheritdoc/>
    public override long PackedFloats(in ConvShape s) => FourierProduct.Backward(s).PackedFloats;

    /// <inheritdoc/>
    public override long ScratchFloats(in ConvShape s) => FourierProduct.Backward(s).ScratchFloats;

    /// <inheritdoc/>
    public override void Pack(in ConvShape s, float* weights, float* packed, Workers workers) =>
        FourierJob.Pack(FourierProduct.Backward(s), weights, packed, workers);

    /// <inheritdoc/>
    public override void Run(in ConvShape s, float* dy, float* packed, float* dx, float* scratch, Workers workers) =>
        FourierJob.Run(FourierProduct.Backward(s), dy, packed, default, dx, scratch, ScratchFloats(s), workers);
}

/// <summary>The gradient for the weights by Fourier transforms.</summary>
public sealed unsafe class FourierBackwardWeights : ConvolutionBackwardWeights
{
    /// <inheritdoc/>
    public override string Name => "fourier";

    /// <inheritdoc/>
    public override bool IsExact => false;

    /// <inheritdoc/>
    public override bool Accepts(in ConvShape s) => FourierCost.Accepts(s);

    /// <inheritdoc/>
    public override double Cost(in ConvShape s) => FourierCost.Of(s, new FourierSum(s));

    /// <inheritdoc/>
    public override Layout InputLayout(in ConvShape s) => Layout.Blocked;

    /// <inheritdoc/>
    public override Layout GradientLayout(in ConvShape s) => Layout.Blocked;

    /// <inheritdoc/>
    public override long ScratchFloats(in ConvShape s) => new FourierSum(s).ScratchFloats;

    /// <inheritdoc/>
    public override long SharedFloats(in ConvShape s) => 0;

    /// <inheritdoc/>
    public override void Run(in ConvShape s, float* x, Layout inputLayout, float* dy, float* dw, float* shared, float* scratch, Workers workers) =>
        FourierSumJob.Run(s, x, dy, dw, scratch, ScratchFloats(s), workers);
}
