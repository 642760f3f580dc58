using Fovea.Core.Kernels;
using Fovea.Core.Memory;
using Fovea.Core.Shapes;

namespace Fovea.Core.Dispatch;

/// <summary>Hands the chunks of Winograd's convolutions to the workers.</summary>
internal static unsafe class WinogradRun
{
    /// <summary>Packs the weights.</summary>
    public static void Pack<TProduct>(in TProduct product, float* weights, float* packed, Workers workers)
        where TProduct : struct, IWinogradProduct
    {
        var job = new WinogradJob<TProduct> { Product = product, Source = weights, Packed = packed, IsPacking = true };
        workers.Run(ref job, product.PackingChunks);
    }

    /// <summary>Computes the targets.</summary>
    public static void Run<TProduct>(in TProduct product, float* source, Layout sourceLayout, float* packed, Epilogue epilogue, float* target, Layout targetLayout, float* scratch, Workers workers)
        where TProduct : struct, IWinogradProduct
    {
        // What each worker's scratch has the transforms of, none to begin with; a cache line apart.
        int* held = stackalloc int[workers.Count * WinogradJob<TProduct>.HeldStride];
        new Span<int>(held, workers.Count * WinogradJob<TProduct>.HeldStride).Fill(-1);
        var job = new WinogradJob<TProduct> { Product = product, Source = source, SourceLayout = sourceLayout, Packed = packed, Epilogue = epilogue, Target = target, TargetLayout = targetLayout, Scratch = scratch, Held = held };
        workers.Run(ref job, product.Chunks);
    }

    /// <summary>Computes the gradient of the weights: first the sums of all parts, then the parts added up.</summary>
    public static void Sum<TSum>(in TSum sum, in ConvShape s, float* x, Layout inputLayout, float* dy, Layout gradientLayout, float* dw, float* shared, float* scratch, Workers workers)
        where TSum : struct, IWinogradSum
    {
        if (s.N == 0)
        {
            new Span<float>(dw, checked((int)s.WeightCount)).Clear();
            return;
        }

        var job = new WinogradSumJob<TSum> { Sum = sum, X = x, InputLayout = inputLayout, Dy = dy, GradientLayout = gradientLayout, Dw = dw, Shared = shared, Scratch = scratch };
        workers.Run(ref job, sum.Cut.Chunks);
        job.IsAdding = true;
        workers.Run(ref job, WeightParts.Chunks(sum.Cut.Sizes));
    }
}

/// <summary>The chunks of a convolution, and of packing its weights.</summary>
internal unsafe struct WinogradJob<TProduct> : IJob, ILanesJob
    where TProduct : struct, IWinogradProduct
{
    public TProduct Product;
    public float* Source;
    public Layout SourceLayout;
    public float* Packed;
    public Epilogue Epilogue;
    public float* Target;
    public Layout TargetLayout;
    public float* Scratch;
    public int* Held;
    public bool IsPacking;

    /// <summary>Elements of <see cref="Held"/> a worker.</summary>
    public const int HeldStride = AlignedMemory.Alignment / sizeof(int);

    /// <inheritdoc/>
    public readonly void Run(int chunk, int worker) => WidestLanes.Run(this, chunk, worker);

    /// <inheritdoc/>
    public readonly void Run<T>(int chunk, int worker)
        where T : struct, ILanes<T>
    {
        if (IsPacking)
        {
            Product.Pack<T>(chunk, Source, Packed);
        }
        else
        {
            // A worker takes chunks in a row: most have the tiles of the one before.
            ref int held = ref Held[worker * HeldStride];
            int tiles = chunk / Product.Slices;
            bool isTransformed = held == tiles;
            held = tiles;
            Product.Run<T>(chunk, isTransformed, Source, SourceLayout, Packed, Epilogue.Bias, Epilogue.Relu, Target, TargetLayout, Scratch + (worker * Product.ScratchFloats));
        }
    }
}

/// <summary>The chunks of backward weights.</summary>
internal unsafe struct WinogradSumJob<TSum> : IJob, ILanesJob
    where TSum : struct, IWinogradSum
{
    public TSum Sum;
    public float* X;
    public Layout InputLayout;
    public float* Dy;
    public Layout GradientLayout;
    public float* Dw;
    public float* Shared;
    public float* Scratch;
    public bool IsAdding;

    /// <inheritdoc/>
    public readonly void Run(int chunk, int worker) => WidestLanes.Run(this, chunk, worker);

    /// <inheritdoc/>
    public readonly void Run<T>(int chunk, int worker)
        where T : struct, ILanes<T>
    {
        float* room = Scratch + (worker * Sum.ScratchFloats);
        if (IsAdding)
        {
            WeightParts.Add(Sum.Cut.Sizes, Sum.Cut.Parts, chunk, Shared, Dw, room);
        }
        else
        {
            Sum.Run<T>(chunk, X, InputLayout, Dy, GradientLayout, Shared, room);
        }
    }
}
