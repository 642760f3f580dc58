using Fovea.Core.Kernels;
using Fovea.Core.Shapes;

namespace Fovea.Core.Dispatch;

/// <summary>The chunks of Winograd's convolution with weights transformed late.</summary>
internal unsafe struct WinogradLateJob : IJob, ILanesJob
{
    private WinogradLate product;
    private float* source;
    private float* packed;
    private float* bias;
    private float* target;
    private Layout sourceLayout;
    private Layout targetLayout;
    private float* scratch;
    private bool relu;
    private bool packing;

    /// <summary>Arranges the weights.</summary>
    public static void Pack(in WinogradLate product, float* weights, float* packed, Workers workers)
    {
        var job = new WinogradLateJob { product = product, source = weights, packed = packed, packing = true };
        workers.Run(ref job, product.PackingChunks);
    }

    /// <summary>Computes the targets.</summary>
    public static void Run(in WinogradLate product, float* source, Layout sourceLayout, float* packed, Epilogue epilogue, float* target, Layout targetLayout, float* scratch, Workers workers)
    {
        var job = new WinogradLateJob { product = product, source = source, sourceLayout = sourceLayout, packed = packed, bias = epilogue.Bias, relu = epilogue.Relu, target = target, targetLayout = targetLayout, scratch = scratch };
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
            product.Pack(chunk, source, packed);
        }
        else
        {
            product.Run<T>(chunk, source, sourceLayout, packed, bias, relu, target, targetLayout, scratch + (worker * product.ScratchFloats));
        }
    }
}
