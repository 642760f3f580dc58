using Fovea.Core.Kernels;
using Fovea.Core.Shapes;

namespace Fovea.Core.Dispatch;

/// <summary><see cref="WinogradForward"/> for many channels and few tiles: weights are transformed where they are used.</summary>
public sealed unsafe class WinogradLateForward : ConvolutionForward
{
    /// <inheritdoc/>
    public override string Name => "winograd late";

    /// <inheritdoc/>
    public override bool IsExact => false;

    /// <inheritdoc/>
    public override bool ReadsAnyLayout => true;

    /// <inheritdoc/>
    public override bool WritesAnyLayout => true;

    /// <inheritdoc/>
    public override bool Accepts(in ConvShape s) => WinogradTiles.Fits(s);

    /// <inheritdoc/>
    public override double Cost(in ConvShape s) => WinogradCost.Of(WinogradLate.Forward(s));

    /// <inheritdoc/>
    public override Layout InputLayout(in ConvShape s) => Layout.Blocked;

    /// <inheritdoc/>
    public override Layout OutputLayout(in ConvShape s) => Layout.Blocked;

    /// <inheritdoc/>
    public override long PackedFloats(in ConvShape s) => WinogradLate.Forward(s).PackedFloats;

    /// <inheritdoc/>
    public override long ScratchFloats(in ConvShape s) => WinogradLate.Forward(s).ScratchFloats;

    /// <inheritdoc/>
    public override void Pack(in ConvShape s, float* weights, float* packed, Workers workers) =>
        WinogradRun.Pack(WinogradLate.Forward(s), weights, packed, workers);

    /// <inheritdoc/>
    public override void Run(in ConvShape s, float* x, Layout inputLayout, float* packed, Epilogue epilogue, float* y, float* scratch, Workers workers) =>
        Run(s, x, inputLayout, packed, epilogue, y, Layout.Blocked, scratch, workers);

    /// <inheritdoc/>
    public override void Run(in ConvShape s, float* x, Layout inputLayout, float* packed, Epilogue epilogue, float* y, Layout outputLayout, float* scratch, Workers workers) =>
        WinogradRun.Run(WinogradLate.Forward(s), x, inputLayout, packed, epilogue, y, outputLayout, scratch, workers);
}

/// <summary><see cref="WinogradBackwardInput"/> for many channels and few tiles: weights are transformed where they are used.</summary>
public sealed unsafe class WinogradLateBackwardInput : ConvolutionBackwardInput
{
    /// <inheritdoc/>
    public override string Name => "winograd late";

    /// <inheritdoc/>
    public override bool IsExact => false;

    /// <inheritdoc/>
    public override bool TakesAnyLayout => true;

    /// <inheritdoc/>
    public override bool Accepts(in ConvShape s) => WinogradTiles.Fits(s);

    /// <inheritdoc/>
    public override double Cost(in ConvShape s) => WinogradCost.Of(WinogradLate.Backward(s));

    /// <inheritdoc/>
    public override Layout GradientLayout(in ConvShape s) => Layout.Blocked;

    /// <inheritdoc/>
    public override Layout InputLayout(in ConvShape s) => Layout.Blocked;

    /// <inheritdoc/>
    public override long PackedFloats(in ConvShape s) => WinogradLate.Backward(s).PackedFloats;

    /// <inheritdoc/>
    public override long ScratchFloats(in ConvShape s) => WinogradLate.Backward(s).ScratchFloats;

    /// <inheritdoc/>
    public override void Pack(in ConvShape s, float* weights, float* packed, Workers workers) =>
        WinogradRun.Pack(WinogradLate.Backward(s), weights, packed, workers);

    /// <inheritdoc/>
    public override void Run(in ConvShape s, float* dy, float* packed, float* dx, float* scratch, Workers workers) =>
        Run(s, dy, Layout.Blocked, packed, dx, Layout.Blocked, scratch, workers);

    /// <inheritdoc/>
    public override void Run(in ConvShape s, float* dy, Layout gradientLayout, float* packed, float* dx, Layout inputLayout, float* scratch, Workers workers) =>
        WinogradRun.Run(WinogradLate.Backward(s), dy, gradientLayout, packed, default, dx, inputLayout, scratch, workers);
}
