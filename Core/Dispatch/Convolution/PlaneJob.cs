using Fovea.Core.Kernels;
using Fovea.Core.Kernels.Planes;

namespace Fovea.Core.Dispatch;

/// <summary>The chunks of a convolution of plain images in groups of few channels.</summary>
internal unsafe struct PlaneJob : IJob, ILanesJob
{
    private PlaneCorrelation planes;
    private float* source;
    private float* packed;
    private float* bias;
    private float* target;
    private float* scratch;
    private bool relu;

    /// <summary>Computes the targets.</summary>
    public static void Run(in PlaneCorrelation planes, float* source, float* packed, Epilogue epilogue, float* target, float* scratch, Workers workers)
    {
        var job = new PlaneJob
        {
            planes = planes,
            source = source,
            packed = packed,
            bias = epilogue.Bias,
            relu = epilogue.Relu,
            target = target,
            scratch = scratch,
        };
        workers.Run(ref job, planes.Chunks);
    }

    /// <inheritdoc/>
    public readonly void Run(int chunk, int worker) => WidestLanes.RunWithin(this, planes.MostLanes, chunk, worker);

    /// <inheritdoc/>
    public readonly void Run<T>(int chunk, int worker)
        where T : struct, ILanes<T> =>
        planes.Run<T>(chunk, source, packed, bias, relu, target, scratch + (worker * planes.ScratchFloats));
}

/// <summary>The chunks of the gradient for its weights; then the parts' sums are added.</summary>
internal unsafe struct PlaneSumJob : IJob, ILanesJob
{
    private PlaneSum sum;
    private float* x;
    private float* dy;
    private float* dw;
    private float* shared;
    private float* scratch;

    /// <summary>Runs both.</summary>
    public static void Run(in PlaneSum sum, float* x, float* dy, float* dw, float* shared, float* scratch, Workers workers)
    {
        var job = new PlaneSumJob { sum = sum, x = x, dy = dy, dw = dw, shared = shared, scratch = scratch };
        workers.Run(ref job, sum.Chunks);
        sum.Add(shared, dw);
    }

    /// <inheritdoc/>
    public readonly void Run(int chunk, int worker) => WidestLanes.RunWithin(this, sum.MostLanes, chunk, worker);

    /// <inheritdoc/>
    public readonly void Run<T>(int chunk, int worker)
        where T : struct, ILanes<T> =>
        sum.Run<T>(chunk, x, dy, dw, shared, scratch + (worker * sum.ScratchFloats));
}
