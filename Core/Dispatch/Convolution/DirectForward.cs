using Fovea.Core.Kernels;
using Fovea.Core.Shapes;

namespace Fovea.Core.Dispatch;

/// <summary>
/// Direct convolution over blocks of sixteen channels: any window, stride, padding and dilation; groups of whole blocks.
/// After Georganas et al., "Anatomy of High-Performance Deep Learning Convolutions on SIMD Architectures" (2018).
/// </summary>
public sealed unsafe class DirectForward : ConvolutionForward
{
    /// <inheritdoc/>
    public override string Name => "direct";

    /// <inheritdoc/>
    public override bool ReadsAnyLayout => true;

    /// <inheritdoc/>
    public override bool WritesAnyLayout => true;

    /// <inheritdoc/>
    public override bool Accepts(in ConvShape s) => DirectCost.Accepts(s);

    /// <inheritdoc/>
    public override double Cost(in ConvShape s) => DirectCost.Of(Correlation.Forward(s, Layout.Blocked));

    /// <inheritdoc/>
    public override Layout InputLayout(in ConvShape s) => Layout.Blocked;

    /// <inheritdoc/>
    public override Layout OutputLayout(in ConvShape s) => Layout.Blocked;

    /// <inheritdoc/>
    public override long PackedFloats(in ConvShape s) => Correlation.Forward(s, Layout.Blocked).PackedFloats;

    /// <inheritdoc/>
    public override long ScratchFloats(in ConvShape s) => Math.Max(
        Math.Max(Scratch(s, Layout.Blocked, Layout.Blocked), Scratch(s, Layout.Plain, Layout.Blocked)),
        Math.Max(Scratch(s, Layout.Blocked, Layout.Plain), Scratch(s, Layout.Plain, Layout.Plain)));

    /// <inheritdoc/>
    public override void Pack(in ConvShape s, float* weights, float* packed, Workers workers) =>
        DirectRun.Pack(Correlation.Forward(s, Layout.Blocked), weights, packed, workers);

    /// <inheritdoc/>
    public override void Run(in ConvShape s, float* x, Layout inputLayout, float* packed, Epilogue epilogue, float* y, float* scratch, Workers workers) =>
        Run(s, x, inputLayout, packed, epilogue, y, Layout.Blocked, scratch, workers);

    /// <inheritdoc/>
    public override void Run(in ConvShape s, float* x, Layout inputLayout, float* packed, Epilogue epilogue, float* y, Layout outputLayout, float* scratch, Workers workers) =>
        DirectRun.Run(Correlation.Forward(s, inputLayout, outputLayout), x, packed, epilogue, y, scratch, ScratchFloats(s), workers);

    private static long Scratch(in ConvShape s, Layout input, Layout output) =>
        DirectRun.ScratchFloats(Correlation.Forward(s, input, output));
}
