using Fovea.Core.Kernels;
using Fovea.Core.Shapes;

namespace Fovea.Core.Dispatch;

/// <summary>The chunks of depthwise convolution.</summary>
internal unsafe struct DepthwiseJob : IJob, ILanesJob
{
    private Depthwise depthwise;
    private float* source;
    private float* packed;
    private float* bias;
    private float* target;
    private float* scratch;
    private long scratchFloats;
    private bool relu;

    /// <summary>Cycles of one core: it is the bytes that take the time.</summary>
    public static double Cost(in ConvShape s)
    {
        double lanes = (double)s.N * Blocks.Of(s.C) * Blocks.Width;
        return (lanes * s.P * s.Q * s.R * s.S * UnitCosts.Of(Unit.DepthwiseTap) / InstructionSet.MacsPerCycle) + (lanes * ((s.H * s.W) + (s.P * s.Q)) * UnitCosts.Of(Unit.DepthwiseLine));
    }

    /// <summary>Packs the weights: too few to share out.</summary>
    public static void Pack(in Depthwise depthwise, float* weights, float* packed)
    {
        for (int block = 0; block < depthwise.Sizes.TargetBlocks; block++)
        {
            depthwise.Pack(block, weights, packed);
        }
    }

    /// <summary>Computes the targets.</summary>
    public static void Run(in Depthwise depthwise, float* source, float* packed, Epilogue epilogue, float* target, float* scratch, long scratchFloats, Workers workers)
    {
        var job = new DepthwiseJob
        {
            depthwise = depthwise,
            source = source,
            packed = packed,
            bias = epilogue.Bias,
            relu = epilogue.Relu,
            target = target,
            scratch = scratch,
            scratchFloats = scratchFloats,
        };
        workers.Run(ref job, depthwise.Chunks);
    }

    /// <inheritdoc/>
    public readonly void Run(int chunk, int worker) => WidestLanes.Run(this, chunk, worker);

    /// <inheritdoc/>
    public readonly void Run<T>(int chunk, int worker)
        where T : struct, ILanes<T> =>
        depthwise.Run<T>(chunk, source, packed, bias, relu, target, scratch + (worker * scratchFloats));
}

/// <summary>The chunks of depthwise backward weights; then the images' sums are added.</summary>
internal unsafe struct DepthwiseSumJob : IJob, ILanesJob
{
    private DepthwiseSum sum;
    private float* x;
    private float* dy;
    private float* shared;
    private float* scratch;
    private long scratchFloats;

    /// <summary>Runs both.</summary>
    public static void Run(in DepthwiseSum sum, float* x, float* dy, float* dw, float* shared, float* scratch, long scratchFloats, Workers workers)
    {
        var job = new DepthwiseSumJob { sum = sum, x = x, dy = dy, shared = shared, scratch = scratch, scratchFloats = scratchFloats };
        workers.Run(ref job, sum.Chunks);
        for (int block = 0; block < sum.Sizes.TargetBlocks; block++)
        {
            sum.Add(block, shared, dw);
        }
    }

    /// <inheritdoc/>
    public readonly void Run(int chunk, int worker) => WidestLanes.Run(this, chunk, worker);

    /// <inheritdoc/>
    public readonly void Run<T>(int chunk, int worker)
        where T : struct, ILanes<T> =>
        sum.Run<T>(chunk, x, dy, shared, scratch + (worker * scratchFloats));
}
