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

    /// <summary>Computes the targets.</summary>
    public static void Run(in Correlation c, float* source, float* packed, Epilogue epilogue, float* target, float* scratch, long scratchFloats, Workers workers)
    {
        var job = new CorrelationJob
        {
            Correlation = c,
            Source = source,
            Packed = packed,
            Bias = epilogue.Bias,
            Relu = epilogue.Relu,
            Target = target,
            Scratch = scratch,
            ScratchFloats = scratchFloats,
        };
        workers.Run(ref job, c.Chunks);
    }
}
