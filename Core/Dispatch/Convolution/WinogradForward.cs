using Fovea.Core.Kernels;
using Fovea.Core.Shapes;

namespace Fovea.Core.Dispatch;

/// <summary>
/// Winograd's F(4×4, 3×3) and F(2×2, 5×5): convolution of stride 1 with 1 / 4 and 1 / 2.8 of the multiplications. Errors are about
/// ten times those of direct convolution, and a NaN or ∞ spreads over its tile of up to 4×4 or 2×2 outputs.
/// </summary>
public sealed unsafe class WinogradForward : ConvolutionForward
{
    /// <inheritdoc/>
    public override string Name => "winograd";

    /// <inheritdoc/>
    public override bool IsExact => false;

    /// <inheritdoc/>
    public override bool ReadsAnyLayout => true;

    /// <inheritdoc/>
    public override bool WritesAnyLayout => true;

    /// <inheritdoc/>
    public override bool Accepts(in ConvShape s) => WinogradTiles.Fits(s);

    /// <inheritdoc/>
    public override double Cost(in ConvShape s) => WinogradCost.Of(WinogradProduct.Forward(s));

    /// <inheritdoc/>
    public override Layout InputLayout(in ConvShape s) => Layout.Blocked;

    /// <inheritdoc/>
    public override Layout OutputLayout(in ConvShape s) => Layout.Blocked;

    /// <inheritdoc/>
    public override long PackedFloats(in ConvShape s) => WinogradProduct.Forward(s).PackedFloats;

    /// <inheritdoc/>
    public override long ScratchFloats(in ConvShape s) => WinogradProduct.Forward(s).ScratchFloats;

    /// <inheritdoc/>
    public override void Pack(in ConvShape s, float* weights, float* packed, Workers workers) =>
        WinogradRun.Pack(WinogradProduct.Forward(s), weights, packed, workers);

    /// <inheritdoc/>
    public override void Run(in ConvShape s, float* x, Layout inputLayout, float* packed, Epilogue epilogue, float* y, float* scratch, Workers workers) =>
        Run(s, x, inputLayout, packed, epilogue, y, Layout.Blocked, scratch, workers);

    /// <inheritdoc/>
    public override void Run(in ConvShape s, float* x, Layout inputLayout, float* packed, Epilogue epilogue, float* y, Layout outputLayout, float* scratch, Workers workers) =>
        WinogradRun.Run(WinogradProduct.Forward(s), x, inputLayout, packed, epilogue, y, outputLayout, scratch, workers);
}

/// <summary>The gradient for the input by Winograd's method: the forward pass with the window turned round.</summary>
public sealed unsafe class WinogradBackwardInput : ConvolutionBackwardInput
{
    /// <inheritdoc/>
    public override string Name => "winograd";

    /// <inheritdoc/>
    public override bool IsExact => false;

    /// <inheritdoc/>
    public override bool TakesAnyLayout => true;

    /// <inheritdoc/>
    public override bool Accepts(in ConvShape s) => WinogradTiles.Fits(s);

    /// <inheritdoc/>
    public override double Cost(in ConvShape s) => WinogradCost.Of(WinogradProduct.Backward(s));

    /// <inheritdoc/>
    public override Layout GradientLayout(in ConvShape s) => Layout.Blocked;

    /// <inheritdoc/>
    public override Layout InputLayout(in ConvShape s) => Layout.Blocked;

    /// <inheritdoc/>
    public override long PackedFloats(in ConvShape s) => WinogradProduct.Backward(s).PackedFloats;

    /// <inheritdoc/>
    public override long ScratchFloats(in ConvShape s) => WinogradProduct.Backward(s).ScratchFloats;

    /// <inheritdoc/>
    public override void Pack(in ConvShape s, float* weights, float* packed, Workers workers) =>
        WinogradRun.Pack(WinogradProduct.Backward(s), weights, packed, workers);

    /// <inheritdoc/>
    public override void Run(in ConvShape s, float* dy, float* packed, float* dx, float* scratch, Workers workers) =>
        Run(s, dy, Layout.Blocked, packed, dx, Layout.Blocked, scratch, workers);

    /// <inheritdoc/>
    public override void Run(in ConvShape s, float* dy, Layout gradientLayout, float* packed, float* dx, Layout inputLayout, float* scratch, Workers workers) =>
        WinogradRun.Run(WinogradProduct.Backward(s), dy, gradientLayout, packed, default, dx, inputLayout, scratch, workers);
}

/// <summary>The gradient for the weights by Winograd's method.</summary>
public sealed unsafe class WinogradBackwardWeights : ConvolutionBackwardWeights
{
    /// <inheritdoc/>
    public override string Name => "winograd";

    /// <inheritdoc/>
    public override bool IsExact => false;

    /// <inheritdoc/>
    public override bool Accepts(in ConvShape s) => WinogradTiles.Fits(s);

    /// <inheritdoc/>
    public override double Cost(in ConvShape s) => WinogradCost.Of(new WinogradSum(s));

    /// <inheritdoc/>
    public override Layout InputLayout(in ConvShape s) => Layout.Blocked;

    /// <inheritdoc/>
    public override Layout GradientLayout(in ConvShape s) => Layout.Blocked;

    /// <inheritdoc/>
    public override long ScratchFloats(in ConvShape s) => new WinogradSum(s).ScratchFloats;

    /// <inheritdoc/>
    public override long SharedFloats(in ConvShape s) => new WinogradSum(s).Cut.SharedFloats;

    /// <inheritdoc/>
    public override void Run(in ConvShape s, float* x, Layout inputLayout, float* dy, float* dw, float* shared, float* scratch, Workers workers) =>
        WinogradRun.Sum(new WinogradSum(s), s, x, inputLayout, dy, Layout.Blocked, dw, shared, scratch, workers);
}
