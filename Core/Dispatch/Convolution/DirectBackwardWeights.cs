using Fovea.Core.Kernels;
using Fovea.Core.Shapes;

namespace Fovea.Core.Dispatch;

/// <summary>The gradient of a direct convolution for its weights, over blocks of sixteen channels.</summary>
public sealed unsafe class DirectBackwardWeights : ConvolutionBackwardWeights
{
    /// <inheritdoc/>
    public override string Name => "direct";

    /// <inheritdoc/>
    public override bool ReadsAnyLayout => true;

    /// <inheritdoc/>
    public override bool ReadsAnyGradient => true;

    /// <inheritdoc/>
    public override bool Accepts(in ConvShape s) => DirectCost.Accepts(s);

    /// <inheritdoc/>
    public override double Cost(in ConvShape s) => DirectCost.Of(new WeightSum(s, Layout.Blocked, false));

    /// <inheritdoc/>
    public override Layout InputLayout(in ConvShape s) => Layout.Blocked;

    /// <inheritdoc/>
    public override Layout GradientLayout(in ConvShape s) => Layout.Blocked;

    /// <inheritdoc/>
    public override long ScratchFloats(in ConvShape s) =>
        Math.Max(
            new WeightSum(s, Layout.Blocked, false, Layout.Plain).ScratchFloats,
            Math.Max(new WeightSum(s, Layout.Plain, false, Layout.Plain).ScratchFloats, IsPointwise(s) ? new PointwiseSum(s).ScratchFloats : 0));

    /// <inheritdoc/>
    public override long SharedFloats(in ConvShape s) =>
        Math.Max(
            Math.Max(new WeightSum(s, Layout.Blocked, false).SharedFloats, new WeightSum(s, Layout.Plain, false).SharedFloats),
            IsPointwise(s) ? new PointwiseSum(s).SharedFloats : 0);

    /// <inheritdoc/>
    public override void Run(in ConvShape s, float* x, Layout inputLayout, float* dy, float* dw, float* shared, float* scratch, Workers workers) =>
        Run(s, x, inputLayout, dy, Layout.Blocked, dw, shared, scratch, workers);

    /// <inheritdoc/>
    public override void Run(in ConvShape s, float* x, Layout inputLayout, float* dy, Layout gradientLayout, float* dw, float* shared, float* scratch, Workers workers)
    {
        if (PointwiseSum.Fits(s, inputLayout, gradientLayout))
        {
            PointwiseSumJob.Run(new PointwiseSum(s), x, dy, dw, shared, scratch, ScratchFloats(s), workers);
        }
        else
        {
            WeightSumJob.Run(new WeightSum(s, inputLayout, false, gradientLayout), x, dy, dw, shared, scratch, ScratchFloats(s), workers);
        }
    }

    private static bool IsPointwise(in ConvShape s) => PointwiseSum.Fits(s, Layout.Plain, Layout.Plain);
}

/// <summary>The gradient of a stem's convolution for its weights: a few plain channels.</summary>
public sealed unsafe class StemBackwardWeights : ConvolutionBackwardWeights
{
    /// <inheritdoc/>
    public override string Name => "stem";

    /// <inheritdoc/>
    public override bool ReadsAnyGradient => true;

    /// <inheritdoc/>
    public override bool Accepts(in ConvShape s) => s.Groups == 1 && s.C < Blocks.Width && DirectCost.Accepts(s);

    /// <inheritdoc/>
    public override double Cost(in ConvShape s) => DirectCost.Of(new WeightSum(s, Layout.Plain, true));

    /// <inheritdoc/>
    public override Layout InputLayout(in ConvShape s) => Layout.Plain;

    /// <inheritdoc/>
    public override Layout GradientLayout(in ConvShape s) => Layout.Blocked;

    /// <inheritdoc/>
    public override long ScratchFloats(in ConvShape s) => new WeightSum(s, Layout.Plain, true, Layout.Plain).ScratchFloats;

    /// <inheritdoc/>
    public override long SharedFloats(in ConvShape s) => new WeightSum(s, Layout.Plain, true).SharedFloats;

    /// <inheritdoc/>
    public override void Run(in ConvShape s, float* x, Layout inputLayout, float* dy, float* dw, float* shared, float* scratch, Workers workers) =>
        Run(s, x, inputLayout, dy, Layout.Blocked, dw, shared, scratch, workers);

    /// <inheritdoc/>
    public override void Run(in ConvShape s, float* x, Layout inputLayout, float* dy, Layout gradientLayout, float* dw, float* shared, float* scratch, Workers workers) =>
        WeightSumJob.Run(new WeightSum(s, Layout.Plain, true, gradientLayout), x, dy, dw, shared, scratch, ScratchFloats(s), workers);
}
