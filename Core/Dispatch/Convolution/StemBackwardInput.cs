using Fovea.Core.Kernels;
using Fovea.Core.Shapes;

namespace Fovea.Core.Dispatch;

/// <summary>
/// The gradient of a convolution of a few plain channels for its input: direct, pixels are the vectors, so that no lanes are left
/// empty. Its order of summation is not that of <see cref="DirectBackwardInput"/>.
/// </summary>
public sealed unsafe class StemBackwardInput : ConvolutionBackwardInput
{
    /// <inheritdoc/>
    public override string Name => "stem";

    /// <inheritdoc/>
    public override bool Accepts(in ConvShape s) =>
        s.Groups == 1 && s.C < Blocks.Width && DirectCost.Accepts(s) && PlainStem.Fits(Correlation.StemBackwardInput(s));

    /// <inheritdoc/>
    public override double Cost(in ConvShape s) => DirectCost.OfPlain(Correlation.StemBackwardInput(s));

    /// <inheritdoc/>
    public override Layout GradientLayout(in ConvShape s) => Layout.Plain;

    /// <inheritdoc/>
    public override Layout InputLayout(in ConvShape s) => Layout.Plain;

    /// <inheritdoc/>
    public override long PackedFloats(in ConvShape s) => Correlation.StemBackwardInput(s).PackedFloats;

    /// <inheritdoc/>
    public override long ScratchFloats(in ConvShape s) => DirectKernel.ScratchFloats(Correlation.StemBackwardInput(s));

    /// <inheritdoc/>
    public override void Pack(in ConvShape s, float* weights, float* packed, Workers workers) =>
        DirectRun.Pack(Correlation.StemBackwardInput(s), weights, packed, workers);

    /// <inheritdoc/>
    public override void Run(in ConvShape s, float* dy, float* packed, float* dx, float* scratch, Workers workers) =>
        DirectRun.Run(Correlation.StemBackwardInput(s), dy, packed, default, dx, scratch, ScratchFloats(s), workers);
}
