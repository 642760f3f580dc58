using Fovea.Core.Kernels;
using Fovea.Core.Shapes;

namespace Fovea.Core.Dispatch;

/// <summary>
/// Direct convolution of a few plain channels, as the first layer of a network has them: the window's positions of a
/// row take the place that channels have in <see cref="DirectForward"/>.
/// </summary>
public sealed unsafe class StemForward : ConvolutionForward
{
    /// <inheritdoc/>
    public override string Name => "stem";

    /// <inheritdoc/>
    public override bool WritesAnyLayout => true;

    /// <inheritdoc/>
    public override bool Accepts(in ConvShape s) => s.Groups == 1 && s.C < Blocks.Width && DirectCost.Accepts(s);

    /// <inheritdoc/>
    public override double Cost(in ConvShape s) => DirectCost.Of(Correlation.StemForward(s));

    /// <inheritdoc/>
    public override Layout InputLayout(in ConvShape s) => Layout.Plain;

    /// <inheritdoc/>
    public override Layout OutputLayout(in ConvShape s) => Layout.Blocked;

    /// <inheritdoc/>
    public override long PackedFloats(in ConvShape s) => Correlation.StemForward(s).PackedFloats;

    /// <inheritdoc/>
    public override long ScratchFloats(in ConvShape s) =>
        Math.Max(DirectKernel.ScratchFloats(Correlation.StemForward(s)), DirectKernel.ScratchFloats(Correlation.StemForward(s, Layout.Plain)));

    /// <inheritdoc/>
    public override void Pack(in ConvShape s, float* weights, float* packed, Workers workers) =>
        DirectRun.Pack(Correlation.StemForward(s), weights, packed, workers);

    /// <inheritdoc/>
    public override void Run(in ConvShape s, float* x, Layout inputLayout, float* packed, Epilogue epilogue, float* y, float* scratch, Workers workers) =>
        Run(s, x, inputLayout, packed, epilogue, y, Layout.Blocked, scratch, workers);

    /// <inheritdoc/>
    public override void Run(in ConvShape s, float* x, Layout inputLayout, float* packed, Epilogue epilogue, float* y, Layout outputLayout, float* scratch, Workers workers) =>
        DirectRun.Run(Correlation.StemForward(s, outputLayout), x, packed, epilogue, y, scratch, ScratchFloats(s), workers);
}
