using Fovea.Core.Kernels;
using Fovea.Core.Kernels.Planes;
using Fovea.Core.Shapes;

namespace Fovea.Core.Dispatch;

/// <summary>Groups of any number of channels, each a direct convolution of its own.</summary>
public sealed unsafe class GroupsForward : ConvolutionForward
{
    /// <inheritdoc/>
    public override string Name => "groups";

    /// <inheritdoc/>
    public override bool Accepts(in ConvShape s) => Groups.Fits(s);

    /// <inheritdoc/>
    public override double Cost(in ConvShape s) => Groups.IsPlanes(s, backward: false) ? Groups.PlaneCost(s) : Groups.Cost(s, Groups.Forward(s));

    /// <inheritdoc/>
    public override Layout InputLayout(in ConvShape s) => Layout.Plain;

    /// <inheritdoc/>
    public override Layout OutputLayout(in ConvShape s) => Layout.Plain;

    /// <inheritdoc/>
    public override long PackedFloats(in ConvShape s) => Groups.IsPlanes(s, backward: false) ? s.WeightCount : s.Groups * Groups.Forward(s).PackedFloats;

    /// <inheritdoc/>
    public override long ScratchFloats(in ConvShape s) =>
        Groups.IsPlanes(s, backward: false) ? PlaneCorrelation.OfGroups(s, backward: false).ScratchFloats : DirectKernel.ScratchFloats(Groups.Forward(s));

    /// <inheritdoc/>
    public override void Pack(in ConvShape s, float* weights, float* packed, Workers workers)
    {
        if (Groups.IsPlanes(s, backward: false))
        {
            PlaneCorrelation.OfGroups(s, backward: false).Pack(weights, packed);
            return;
        }

        Groups.Pack(s, Groups.Forward(s), weights, packed, workers);
    }

    /// <inheritdoc/>
    public override void Run(in ConvShape s, float* x, Layout inputLayout, float* packed, Epilogue epilogue, float* y, float* scratch, Workers workers)
    {
        if (Groups.IsPlanes(s, backward: false))
        {
            PlaneJob.Run(PlaneCorrelation.OfGroups(s, backward: false), x, packed, epilogue, y, scratch, workers);
            return;
        }

        GroupsJob.Run(s, Groups.Forward(s), x, packed, epilogue, y, scratch, ScratchFloats(s), workers);
    }
}

/// <summary>The gradient for the input of groups of any number of channels.</summary>
public sealed unsafe class GroupsBackwardInput : ConvolutionBackwardInput
{
    /// <inheritdoc/>
    public override string Name => "groups";

    /// <inheritdoc/>
    public override bool Accepts(in ConvShape s) => Groups.Fits(s);

    /// <inheritdoc/>
    public override double Cost(in ConvShape s) => Groups.IsPlanes(s, backward: true) ? Groups.PlaneCost(s) : Groups.Cost(s, Groups.BackwardInput(s));

    /// <inheritdoc/>
    public override Layout GradientLayout(in ConvShape s) => Layout.Plain;

    /// <inheritdoc/>
    public override Layout InputLayout(in ConvShape s) => Layout.Plain;

    /// <inheritdoc/>
    public override long PackedFloats(in ConvShape s) => Groups.IsPlanes(s, backward: true) ? s.WeightCount : s.Groups * Groups.BackwardInput(s).PackedFloats;

    /// <inheritdoc/>
    public override long ScratchFloats(in ConvShape s) =>
        Groups.IsPlanes(s, backward: true) ? PlaneCorrelation.OfGroups(s, backward: true).ScratchFloats : DirectKernel.ScratchFloats(Groups.BackwardInput(s));

    /// <inheritdoc/>
    public override void Pack(in ConvShape s, float* weights, float* packed, Workers workers)
    {
        if (Groups.IsPlanes(s, backward: true))
        {
            PlaneCorrelation.OfGroups(s, backward: true).Pack(weights, packed);
            return;
        }

        Groups.Pack(s, Groups.BackwardInput(s), weights, packed, workers);
    }

    /// <inheritdoc/>
    public override void Run(in ConvShape s, float* dy, float* packed, float* dx, float* scratch, Workers workers)
    {
        if (Groups.IsPlanes(s, backward: true))
        {
            PlaneJob.Run(PlaneCorrelation.OfGroups(s, backward: true), dy, packed, default, dx, scratch, workers);
            return;
        }

        GroupsJob.Run(s, Groups.BackwardInput(s), dy, packed, default, dx, scratch, ScratchFloats(s), workers);
    }
}

/// <summary>The gradient for the weights of groups of any number of channels: group by group, each brought together first.</summary>
public sealed unsafe class GroupsBackwardWeights : ConvolutionBackwardWeights
{
    // A vector's load just past an end, and whole cache lines.
    private const int Margin = 32;

    /// <inheritdoc/>
    public override string Name => "groups";

    /// <inheritdoc/>
    public override bool Accepts(in ConvShape s) => Groups.Fits(s);

    /// <inheritdoc/>
    public override double Cost(in ConvShape s) =>
        Groups.IsPlaneSum(s)
            ? Groups.PlaneCost(s)
            : (s.Groups * DirectCost.Of(Groups.BackwardWeights(s))) + (DirectCost.Copy * ((double)s.Input.Count + s.Output.Count) / Blocks.Width);

    /// <inheritdoc/>
    public override Layout InputLayout(in ConvShape s) => Layout.Plain;

    /// <inheritdoc/>
    public override Layout GradientLayout(in ConvShape s) => Layout.Plain;

    /// <inheritdoc/>
    public override long ScratchFloats(in ConvShape s) => Groups.IsPlaneSum(s) ? new PlaneSum(s).ScratchFloats : Groups.BackwardWeights(s).ScratchFloats;

    /// <inheritdoc/>
    public override long SharedFloats(in ConvShape s) =>
        Groups.IsPlaneSum(s) ? new PlaneSum(s).SharedFloats : XFloats(s) + DyFloats(s) + Groups.BackwardWeights(s).SharedFloats;

    /// <inheritdoc/>
    public override void Run(in ConvShape s, float* x, Layout inputLayout, float* dy, float* dw, float* shared, float* scratch, Workers workers)
    {
        if (Groups.IsPlaneSum(s))
        {
            PlaneSumJob.Run(new PlaneSum(s), x, dy, dw, shared, scratch, workers);
            return;
        }

        WeightSum sum = Groups.BackwardWeights(s);
        float* gradients = shared + XFloats(s), parts = gradients + DyFloats(s);
        int plane = s.H * s.W, outputs = s.P * s.Q;
        for (int group = 0; group < s.Groups; group++)
        {
            Gather(s.N, s.GroupC * plane, s.C * plane, x + ((long)group * s.GroupC * plane), shared, workers);
            Gather(s.N, s.GroupK * outputs, s.K * outputs, dy + ((long)group * s.GroupK * outputs), gradients, workers);
            WeightSumJob.Run(sum, shared, gradients, dw + (group * (s.WeightCount / s.Groups)), parts, scratch, ScratchFloats(s), workers);
        }
    }

    private static long XFloats(in ConvShape s) => ((s.Input.Count / s.Groups) + Margin) / 16 * 16;

    private static long DyFloats(in ConvShape s) => ((s.Output.Count / s.Groups) + Margin) / 16 * 16;

    private static void Gather(int images, long floats, long stride, float* source, float* target, Workers workers)
    {
        var job = new GatherJob { Source = source, Target = target, Floats = floats, Stride = stride };
        workers.Run(ref job, images);
    }

    private struct GatherJob : IJob
    {
        public float* Source, Target;
        public long Floats, Stride;

        public readonly void Run(int chunk, int worker) =>
            Buffer.MemoryCopy(Source + (chunk * Stride), Target + (chunk * Floats), Floats * sizeof(float), Floats * sizeof(float));
    }
}
