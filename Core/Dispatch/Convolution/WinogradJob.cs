using Fovea.Core.Kernels;
using Fovea.Core.Shapes;

namespace Fovea.Core.Dispatch;

/// <summary>The chunks of Winograd's convolution, and of packing its weights.</summary>
internal unsafe struct WinogradJob : IJob, ILanesJob
{
    private WinogradProduct product;
    private float* source;
    private float* packed;
    private float* bias;
    private float* target;
    private Layout sourceLayout;
    private Layout targetLayout;
    private float* scratch;
    private bool relu;
    private bool packing;

    /// <summary>Transforms the weights.</summary>
    public static void Pack(in WinogradProduct product, float* weights, float* packed, Workers workers)
    {
        var job = new WinogradJob { product = product, source = weights, packed = packed, packing = true };
        workers.Run(ref job, product.PackingChunks);
    }

    /// <summary>Computes the targets.</summary>
    public static void Run(in WinogradProduct product, float* source, Layout sourceLayout, float* packed, Epilogue epilogue, float* target, Layout targetLayout, float* scratch, Workers workers)
    {
        var job = new WinogradJob { product = product, source = source, sourceLayout = sourceLayout, packed = packed, bias = epilogue.Bias, relu = epilogue.Relu, target = target, targetLayout = targetLayout, scratch = scratch };
        workers.Run(ref job, product.Chunks);
    }

    /// <inheritdoc/>
    public readonly void Run(int chunk, int worker) => WidestLanes.Run(this, chunk, worker);

    /// <inheritdoc/>
    public readonly void Run<T>(int chunk, int worker)
        where T : struct, ILanes<T>
    {
        if (packing)
        {
            product.Pack<T>(chunk, source, packed);
        }
        else
        {
            product.Run<T>(chunk, source, sourceLayout, packed, bias, relu, target, targetLayout, scratch + (worker * product.ScratchFloats));
        }
    }
}

/// <summary>The chunks of Winograd's backward weights: first the sums of all parts, then the parts added up.</summary>
internal unsafe struct WinogradSumJob : IJob, ILanesJob
{
    private WinogradSum sum;
    private float* x;
    private float* dy;
    private float* dw;
    private float* shared;
    private float* scratch;
    private bool adding;

    /// <summary>Runs both.</summary>
    public static void Run(in ConvShape s, float* x, float* dy, float* dw, float* shared, float* scratch, Workers workers)
    {
        if (s.N == 0)
        {
            new Span<float>(dw, checked((int)s.WeightCount)).Clear();
            return;
        }

        var job = new WinogradSumJob { sum = new WinogradSum(s), x = x, dy = dy, dw = dw, shared = shared, scratch = scratch };
        workers.Run(ref job, job.sum.Chunks);
        job.adding = true;
        workers.Run(ref job, WeightParts.Chunks(job.sum.Sizes));
    }

    /// <inheritdoc/>
    public readonly void Run(int chunk, int worker) => WidestLanes.Run(this, chunk, worker);

    /// <inheritdoc/>
    public readonly void Run<T>(int chunk, int worker)
        where T : struct, ILanes<T>
    {
        float* room = scratch + (worker * sum.ScratchFloats);
        if (adding)
        {
            WeightParts.Add(sum.Sizes, sum.Parts, chunk, shared, dw, room);
        }
        else
        {
            sum.Run<T>(chunk, x, dy, shared, room);
        }
    }
}
