using Fovea.Core.Kernels;
using Fovea.Core.Kernels.Planes;
using Fovea.Core.Shapes;

namespace Fovea.Core.Dispatch;

/// <summary>Depthwise convolution: as many groups as channels and filters. Plain images are read and written as they lie where windows move by one, otherwise in blocks.</summary>
public sealed unsafe class DepthwiseForward : ConvolutionForward
{
    /// <inheritdoc/>
    public override string Name => "depthwise";

    /// <inheritdoc/>
    public override bool ReadsAnyLayout => true;

    /// <inheritdoc/>
    public override bool WritesAnyLayout => true;

    /// <inheritdoc/>
    public override bool Accepts(in ConvShape s) => Depthwise.Fits(s);

    /// <inheritdoc/>
    public override double Cost(in ConvShape s) => DepthwiseJob.Cost(s);

    /// <inheritdoc/>
    public override Layout InputLayout(in ConvShape s) => Layout.Blocked;

    /// <inheritdoc/>
    public override Layout OutputLayout(in ConvShape s) => Layout.Blocked;

    /// <inheritdoc/>
    public override long PackedFloats(in ConvShape s) => Depthwise.Forward(s, Layout.Blocked).PackedFloats;

    /// <inheritdoc/>
    public override long ScratchFloats(in ConvShape s) =>
        Math.Max(
            Math.Max(Depthwise.Forward(s, Layout.Blocked).ScratchFloats, Depthwise.Forward(s, Layout.Plain).ScratchFloats),
            Math.Max(
                Depthwise.Forward(s, Layout.Blocked, Layout.Plain).ScratchFloats,
                PlaneCorrelation.Fits(s, backward: false) ? PlaneCorrelation.OfChannels(s, backward: false).ScratchFloats : Depthwise.Forward(s, Layout.Plain, Layout.Plain).ScratchFloats));

    /// <inheritdoc/>
    public override void Pack(in ConvShape s, float* weights, float* packed, Workers workers) =>
        DepthwiseJob.Pack(Depthwise.Forward(s, Layout.Blocked), weights, packed);

    /// <inheritdoc/>
    public override void Run(in ConvShape s, float* x, Layout inputLayout, float* packed, Epilogue epilogue, float* y, float* scratch, Workers workers) =>
        Run(s, x, inputLayout, packed, epilogue, y, Layout.Blocked, scratch, workers);

    /// <inheritdoc/>
    public override void Run(in ConvShape s, float* x, Layout inputLayout, float* packed, Epilogue epilogue, float* y, Layout outputLayout, float* scratch, Workers workers)
    {
        if (inputLayout == Layout.Plain && outputLayout == Layout.Plain && PlaneCorrelation.Fits(s, backward: false))
        {
            PlaneJob.Run(PlaneCorrelation.OfChannels(s, backward: false), x, packed, epilogue, y, scratch, workers);
            return;
        }

        DepthwiseJob.Run(Depthwise.Forward(s, inputLayout, outputLayout), x, packed, epilogue, y, scratch, ScratchFloats(s), workers);
    }
}

/// <summary>The gradient of depthwise convolution for its input.</summary>
public sealed unsafe class DepthwiseBackwardInput : ConvolutionBackwardInput
{
    /// <inheritdoc/>
    public override string Name => "depthwise";

    /// <inheritdoc/>
    public override bool TakesAnyLayout => true;

    /// <inheritdoc/>
    public override bool Accepts(in ConvShape s) => Depthwise.Fits(s);

    /// <inheritdoc/>
    public override double Cost(in ConvShape s) => DepthwiseJob.Cost(s);

    /// <inheritdoc/>
    public override Layout GradientLayout(in ConvShape s) => Layout.Blocked;

    /// <inheritdoc/>
    public override Layout InputLayout(in ConvShape s) => Layout.Blocked;

    /// <inheritdoc/>
    public override long PackedFloats(in ConvShape s) => Depthwise.Backward(s).PackedFloats;

    /// <inheritdoc/>
    public override long ScratchFloats(in ConvShape s) =>
        Math.Max(
            Math.Max(Depthwise.Backward(s).ScratchFloats, Depthwise.Backward(s, Layout.Plain).ScratchFloats),
            Math.Max(
                Depthwise.Backward(s, Layout.Blocked, Layout.Plain).ScratchFloats,
                PlaneCorrelation.Fits(s, backward: true) ? PlaneCorrelation.OfChannels(s, backward: true).ScratchFloats : Depthwise.Backward(s, Layout.Plain, Layout.Plain).ScratchFloats));

    /// <inheritdoc/>
    public override void Pack(in ConvShape s, float* weights, float* packed, Workers workers) =>
        DepthwiseJob.Pack(Depthwise.Backward(s), weights, packed);

    /// <inheritdoc/>
    public override void Run(in ConvShape s, float* dy, float* packed, float* dx, float* scratch, Workers workers) =>
        Run(s, dy, Layout.Blocked, packed, dx, Layout.Blocked, scratch, workers);

    /// <inheritdoc/>
    public override void Run(in ConvShape s, float* dy, Layout gradientLayout, float* packed, float* dx, Layout inputLayout, float* scratch, Workers workers)
    {
        if (gradientLayout == Layout.Plain && inputLayout == Layout.Plain && PlaneCorrelation.Fits(s, backward: true))
        {
            PlaneJob.Run(PlaneCorrelation.OfChannels(s, backward: true), dy, packed, default, dx, scratch, workers);
            return;
        }

        DepthwiseJob.Run(Depthwise.Backward(s, gradientLayout, inputLayout), dy, packed, default, dx, scratch, ScratchFloats(s), workers);
    }
}

/// <summary>The gradient of depthwise convolution for its weights.</summary>
public sealed unsafe class DepthwiseBackwardWeights : ConvolutionBackwardWeights
{
    /// <inheritdoc/>
    public override string Name => "depthwise";

    /// <inheritdoc/>
    public override bool ReadsAnyLayout => true;

    /// <inheritdoc/>
    public override bool ReadsAnyGradient => true;

    /// <inheritdoc/>
    public override bool Accepts(in ConvShape s) => Depthwise.Fits(s);

    /// <inheritdoc/>
    public override double Cost(in ConvShape s) => DepthwiseJob.Cost(s);

    /// <inheritdoc/>
    public override Layout InputLayout(in ConvShape s) => Layout.Blocked;

    /// <inheritdoc/>
    public override Layout GradientLayout(in ConvShape s) => Layout.Blocked;

    /// <inheritdoc/>
    public override long ScratchFloats(in ConvShape s) =>
        Math.Max(
            Math.Max(new DepthwiseSum(s, Layout.Blocked, Layout.Plain).ScratchFloats, new DepthwiseSum(s, Layout.Plain, Layout.Plain).ScratchFloats),
            PlaneSum.Fits(s) ? new PlaneSum(s).ScratchFloats : 0);

    /// <inheritdoc/>
    public override long SharedFloats(in ConvShape s) =>
        Math.Max(new DepthwiseSum(s, Layout.Blocked).SharedFloats, PlaneSum.Fits(s) ? new PlaneSum(s).SharedFloats : 0);

    /// <inheritdoc/>
    public override void Run(in ConvShape s, float* x, Layout inputLayout, float* dy, float* dw, float* shared, float* scratch, Workers workers) =>
        Run(s, x, inputLayout, dy, Layout.Blocked, dw, shared, scratch, workers);

    /// <inheritdoc/>
    public override void Run(in ConvShape s, float* x, Layout inputLayout, float* dy, Layout gradientLayout, float* dw, float* shared, float* scratch, Workers workers)
    {
        if (inputLayout == Layout.Plain && gradientLayout == Layout.Plain && PlaneSum.Fits(s))
        {
            PlaneSumJob.Run(new PlaneSum(s), x, dy, dw, shared, scratch, workers);
            return;
        }

        DepthwiseSumJob.Run(new DepthwiseSum(s, inputLayout, gradientLayout), x, dy, dw, shared, scratch, ScratchFloats(s), workers);
    }
}
