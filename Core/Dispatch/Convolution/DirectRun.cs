using Fovea.Core.Kernels;

namespace Fovea.Core.Dispatch;

/// <summary>Hands the chunks of direct convolutions to the workers.</summary>
internal static unsafe class DirectRun
{
    /// <summary>Packs the weights.</summary>
    public static void Pack(in Correlation c, float* weights, float* packed, Workers workers)
    {
        var job = new PackingJob { Correlation = c, Weights = weights, Packed = packed };
        workers.Run(ref job, WeightPacking.Chunks(c));
    }

    /// <summary>Floats of scratch that each worker needs.</summary>
    public static long ScratchFloats(in Correlation c) =>
        Pointwise.Fits(c) ? Pointwise.ScratchFloats(c) : DirectKernel.ScratchFloats(c);

    /// <summary>Computes the targets.</summary>
    public static void Run(in Correlation c, float* source, float* packed, Epilogue epilogue, float* target, float* scratch, long scratchFloats, Workers workers)
    {
        var job = new CorrelationJob
        {
            Correlation = c,
            Pointwise = Pointwise.Fits(c) ? new Pointwise(c) : null,
            Source = source,
            Packed = packed,
            Bias = epilogue.Bias,
            Relu = epilogue.Relu,
            Target = target,
            Scratch = scratch,
            ScratchFloats = scratchFloats,
        };
        workers.Run(ref job, job.Pointwise?.Chunks ?? c.Chunks);
    }
}
