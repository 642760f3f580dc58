using Fovea.Core.Kernels;
using Fovea.Core.Shapes;

namespace Fovea.Core.Dispatch;

/// <summary>The chunks of convolution by Fourier transforms, and of packing its weights.</summary>
internal unsafe struct FourierJob : IJob, ILanesJob
{
    private FourierProduct product;
    private float* source;
    private float* packed;
    private float* bias;
    private float* target;
    private float* scratch;
    private long scratchFloats;
    private bool relu;
    private bool packing;

    /// <summary>Transforms the weights.</summary>
    public static void Pack(in FourierProduct product, float* weights, float* packed, Workers workers)
    {
        var job = new FourierJob { product = product, source = weights, packed = packed, packing = true };
        workers.Run(ref job, product.TargetBlocks);
    }

    /// <summary>Computes the targets.</summary>
    public static void Run(in FourierProduct product, float* source, float* packed, Epilogue epilogue, float* target, float* scratch, long scratchFloats, Workers workers)
    {
        var job = new FourierJob
        {
            product = product,
            source = source,
            packed = packed,
            bias = epilogue.Bias,
            relu = epilogue.Relu,
            target = target,
            scratch = scratch,
            scratchFloats = scratchFloats,
        };
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
            product.Run<T>(chunk, source, packed, bias, relu, target, scratch + (worker * scratchFloats));
        }
    }
}

/// <summary>The chunks of backward weights by Fourier transforms.</summary>
internal unsafe struct FourierSumJob : IJob, ILanesJob
{
    private FourierSum sum;
    private float* x;
    private float* dy;
    private float* dw;
    private float* scratch;
    private long scratchFloats;

    /// <summary>Computes the weights' gradient.</summary>
    public static void Run(in ConvShape s, float* x, float* dy, float* dw, float* scratch, long scratchFloats, Workers workers)
    {
        if (s.N == 0)
        {
            new Span<float>(dw, checked((int)s.WeightCount)).Clear();
            return;
        }

        var job = new FourierSumJob { sum = new FourierSum(s), x = x, dy = dy, dw = dw, scratch = scratch, scratchFloats = scratchFloats };
        workers.Run(ref job, job.sum.Chunks);
    }

    /// <inheritdoc/>
    public readonly void Run(int chunk, int worker) => WidestLanes.Run(this, chunk, worker);

    /// <inheritdoc/>
    public readonly void Run<T>(int chunk, int worker)
        where T : struct, ILanes<T> =>
        sum.Run<T>(chunk, x, dy, dw, scratch + (worker * scratchFloats));
}
