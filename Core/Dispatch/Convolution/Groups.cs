using Fovea.Core.Kernels;
using Fovea.Core.Kernels.Planes;
using Fovea.Core.Shapes;

namespace Fovea.Core.Dispatch;

/// <summary>
/// Convolutions whose groups are not whole blocks of channels, and depthwise ones with several filters a channel. Groups of
/// few channels are computed along the pixels of their planes, where windows move by one; otherwise each group of each
/// plain image is a direct convolution of its own, in place.
/// </summary>
internal static class Groups
{
    /// <summary>Whether there are such groups, and the window fits the kernels' tables.</summary>
    public static bool Fits(in ConvShape s) => s.Groups > 1 && !Depthwise.Fits(s) && s.R * s.S <= WindowTaps.MostTaps;

    /// <summary>Whether a group's channels and filters are so few that vectors run along pixels.</summary>
    public static bool IsPlanes(in ConvShape s, bool backward) => IsFew(s) && PlaneCorrelation.Fits(s, backward);

    /// <summary>The same for the gradient of the weights.</summary>
    public static bool IsPlaneSum(in ConvShape s) => IsFew(s) && PlaneSum.Fits(s);

    /// <summary>The convolution of one group.</summary>
    public static ConvShape One(in ConvShape s, int images = 1) => new(images, s.GroupC, s.H, s.W, s.GroupK, s.Vertical, s.Horizontal);

    /// <summary>Whether a group's channels are so few that they are left plain.</summary>
    public static bool IsStem(in ConvShape s) => s.GroupC < Blocks.Width;

    /// <summary>y of one group of one image.</summary>
    public static Correlation Forward(in ConvShape s) =>
        IsStem(s) ? Correlation.StemForward(One(s), Layout.Plain) : Correlation.Forward(One(s), Layout.Plain, Layout.Plain);

    /// <summary>dx of one group of one image.</summary>
    public static Correlation BackwardInput(in ConvShape s) => Correlation.BackwardInput(One(s), Layout.Plain, Layout.Plain);

    /// <summary>dw of one group, of all images.</summary>
    public static WeightSum BackwardWeights(in ConvShape s) => new(One(s, s.N), Layout.Plain, IsStem(s), Layout.Plain);

    /// <summary>Cycles of one core along the pixels of planes.</summary>
    public static double PlaneCost(in ConvShape s) =>
        (s.Macs * UnitCosts.Of(Unit.DepthwiseTap) / InstructionSet.MacsPerCycle) + (DirectCost.Copy * ((double)s.Input.Count + s.Output.Count) / Blocks.Width);

    /// <summary>Cycles of one core for all groups of all images, weights packed once.</summary>
    public static double Cost(in ConvShape s, in Correlation one)
    {
        double packing = DirectCost.Pack * one.PackedFloats;
        return s.Groups * ((s.N * (DirectCost.Of(one) - packing)) + packing);
    }

    // As measured: a plane's products take as long as there are pairs of channel and filter, a block's filters all take the same.
    private static bool IsFew(in ConvShape s)
    {
        int pairs = s.GroupC * s.GroupK;
        return pairs <= 36 || (pairs <= 64 && s.R == 3 && s.S == 3 && s.Q >= Blocks.Width);
    }

    /// <summary>Packs every group's weights, one after the other.</summary>
    public static unsafe void Pack(in ConvShape s, in Correlation one, float* weights, float* packed, Workers workers)
    {
        for (int group = 0; group < s.Groups; group++)
        {
            DirectRun.Pack(one, weights + (group * (s.WeightCount / s.Groups)), packed + (group * one.PackedFloats), workers);
        }
    }
}

/// <summary>The chunks of every group of every image.</summary>
internal unsafe struct GroupsJob : IJob
{
    /// <summary>One group of one image: the first.</summary>
    public CorrelationJob First;

    /// <summary>Groups, and channels of a group in source and target.</summary>
    public int Groups, SourceChannels, TargetChannels;

    /// <summary>Runs all.</summary>
    public static void Run(in ConvShape s, in Correlation one, float* source, float* packed, Epilogue epilogue, float* target, float* scratch, long scratchFloats, Workers workers)
    {
        var job = new GroupsJob
        {
            First = new CorrelationJob
            {
                Correlation = one,
                Source = source,
                Packed = packed,
                Bias = epilogue.Bias,
                Relu = epilogue.Relu,
                Target = target,
                Scratch = scratch,
                ScratchFloats = scratchFloats,
            },
            Groups = s.Groups,
            SourceChannels = one.SourceChannels,
            TargetChannels = one.TargetChannels,
        };
        workers.Run(ref job, checked(s.N * s.Groups * one.Chunks));
    }

    /// <inheritdoc/>
    public readonly void Run(int chunk, int worker)
    {
        CorrelationJob job = First;
        long part = chunk / job.Correlation.Chunks, group = part % Groups;
        job.Source += part * SourceChannels * job.Correlation.SourcePlane;
        job.Target += part * TargetChannels * job.Correlation.TargetPlane;
        job.Packed += group * job.Correlation.PackedFloats;
        job.Bias = job.Bias == null ? null : job.Bias + (group * TargetChannels);
        job.Run(chunk % job.Correlation.Chunks, worker);
    }
}
