using Fovea.Core.Kernels;
using Fovea.Core.Shapes;

namespace Fovea.Core.Dispatch;

/// <summary>
/// Winograd's method for 3×3 windows of stride 2, the two phases of each axis apart: 1 / 1.8 of the multiplications. Errors are
/// some times those of direct convolution, and a NaN or ∞ spreads over its tile of up to 4×4 outputs.
/// </summary>
/// <param name="late">Whether weights are transformed where they are used: for many channels and few tiles.</param>
public sealed unsafe class WinogradStridedForward(bool late) : ConvolutionForward
{
    /// <inheritdoc/>
    public override string Name => late ? "winograd strided late" : "winograd strided";

    /// <inheritdoc/>
    public override bool IsExact => false;

    /// <inheritdoc/>
    public override bool ReadsAnyLayout => true;

    /// <inheritdoc/>
    public override bool WritesAnyLayout => true;

    /// <inheritdoc/>
    public override bool Accepts(in ConvShape s) => WinogradStridedTiles.Fits(s);

    /// <inheritdoc/>
    public override double Cost(in ConvShape s) => WinogradStridedCost.Of(WinogradStridedProduct.Forward(s, late));

    /// <inheritdoc/>
    public override Layout InputLayout(in ConvShape s) => Layout.Blocked;

    /// <inheritdoc/>
    public override Layout OutputLayout(in ConvShape s) => Layout.Blocked;

    /// <inheritdoc/>
    public override long PackedFloats(in ConvShape s) => WinogradStridedProduct.Forward(s, late).PackedFloats;

    /// <inheritdoc/>
    public override long ScratchFloats(in ConvShape s) => WinogradStridedProduct.Forward(s, late).ScratchFloats;

    /// <inheritdoc/>
    public override void Pack(in ConvShape s, float* weights, float* packed, Workers workers) =>
        WinogradRun.Pack(WinogradStridedProduct.Forward(s, late), weights, packed, workers);

    /// <inheritdoc/>
    public override void Run(in ConvShape s, float* x, Layout inputLayout, float* packed, Epilogue epilogue, float* y, float* scratch, Workers workers) =>
        Run(s, x, inputLayout, packed, epilogue, y, Layout.Blocked, scratch, workers);

    /// <inheritdoc/>
    public override void Run(in ConvShape s, float* x, Layout inputLayout, float* packed, Epilogue epilogue, float* y, Layout outputLayout, float* scratch, Workers workers) =>
        WinogradRun.Run(WinogradStridedProduct.Forward(s, late), x, inputLayout, packed, epilogue, y, outputLayout, scratch, workers);
}

/// <summary>The gradient for the input, of 3×3 windows of stride 2, by Winograd's method: of up to 8×8 inputs at once.</summary>
/// <param name="late">Whether weights are transformed where they are used.</param>
public sealed unsafe class WinogradStridedBackwardInput(bool late) : ConvolutionBackwardInput
{
    /// <inheritdoc/>
    public override string Name => late ? "winograd strided late" : "winograd strided";

    /// <inheritdoc/>
    public override bool IsExact => false;

    /// <inheritdoc/>
    public override bool TakesAnyLayout => true;

    /// <inheritdoc/>
    public override bool Accepts(in ConvShape s) => WinogradStridedTiles.Fits(s);

    /// <inheritdoc/>
    public override double Cost(in ConvShape s) => WinogradStridedCost.Of(WinogradStridedProduct.Backward(s, late));

    /// <inheritdoc/>
    public override Layout GradientLayout(in ConvShape s) => Layout.Blocked;

    /// <inheritdoc/>
    public override Layout InputLayout(in ConvShape s) => Layout.Blocked;

    /// <inheritdoc/>
    public override long PackedFloats(in ConvShape s) => WinogradStridedProduct.Backward(s, late).PackedFloats;

    /// <inheritdoc/>
    public override long ScratchFloats(in ConvShape s) => WinogradStridedProduct.Backward(s, late).ScratchFloats;

    /// <inheritdoc/>
    public override void Pack(in ConvShape s, float* weights, float* packed, Workers workers) =>
        WinogradRun.Pack(WinogradStridedProduct.Backward(s, late), weights, packed, workers);

    /// <inheritdoc/>
    public override void Run(in ConvShape s, float* dy, float* packed, float* dx, float* scratch, Workers workers) =>
        Run(s, dy, Layout.Blocked, packed, dx, Layout.Blocked, scratch, workers);

    /// <inheritdoc/>
    public override void Run(in ConvShape s, float* dy, Layout gradientLayout, float* packed, float* dx, Layout inputLayout, float* scratch, Workers workers) =>
        WinogradRun.Run(WinogradStridedProduct.Backward(s, late), dy, gradientLayout, packed, default, dx, inputLayout, scratch, workers);
}

/// <summary>The gradient for the weights, of 3×3 windows of stride 2, by Winograd's method.</summary>
public sealed unsafe class WinogradStridedBackwardWeights : ConvolutionBackwardWeights
{
    /// <inheritdoc/>
    public override string Name => "winograd strided";

    /// <inheritdoc/>
    public override bool IsExact => false;

    /// <inheritdoc/>
    public override bool ReadsAnyLayout => true;

    /// <inheritdoc/>
    public override bool ReadsAnyGradient => true;

    /// <inheritdoc/>
    public override bool Accepts(in ConvShape s) => WinogradStridedTiles.Fits(s);

    /// <inheritdoc/>
    public override double Cost(in ConvShape s) => WinogradStridedCost.Of(new WinogradStridedSum(s));

    /// <inheritdoc/>
    public override Layout InputLayout(in ConvShape s) => Layout.Blocked;

    /// <inheritdoc/>
    public override Layout GradientLayout(in ConvShape s) => Layout.Blocked;

    /// <inheritdoc/>
    public override long ScratchFloats(in ConvShape s) => new WinogradStridedSum(s).ScratchFloats;

    /// <inheritdoc/>
    public override long SharedFloats(in ConvShape s) => new WinogradStridedSum(s).Cut.SharedFloats;

    /// <inheritdoc/>
    public override void Run(in ConvShape s, float* x, Layout inputLayout, float* dy, float* dw, float* shared, float* scratch, Workers workers) =>
        Run(s, x, inputLayout, dy, Layout.Blocked, dw, shared, scratch, workers);

    /// <inheritdoc/>
    public override void Run(in ConvShape s, float* x, Layout inputLayout, float* dy, Layout gradientLayout, float* dw, float* shared, float* scratch, Workers workers) =>
        WinogradRun.Sum(new WinogradStridedSum(s), s, x, inputLayout, dy, gradientLayout, dw, shared, scratch, workers);
}
