using Fovea.Core.Kernels;

namespace Fovea.Core.Dispatch;

/// <summary>The chunks of a direct convolution.</summary>
internal unsafe struct CorrelationJob : IJob
{
    /// <summary>The sizes and the cuts.</summary>
    public Correlation Correlation;

    /// <summary>Source, packed weights, bias (or null), target, and the workers' scratch.</summary>
    public float* Source, Packed, Bias, Target, Scratch;

    /// <summary>Whether max(0, ·) follows.</summary>
    public bool Relu;

    /// <summary>Floats of scratch a worker.</summary>
    public long ScratchFloats;

    /// <inheritdoc/>
    public void Run(int chunk, int worker) =>
        DirectKernel.Run(Correlation, chunk, Source, Packed, Bias, Relu, Target, Scratch + (worker * ScratchFloats));
}

/// <summary>The chunks of packing a correlation's weights: one a block of filters.</summary>
internal unsafe struct PackingJob : IJob
{
    /// <summary>The sizes and the cuts.</summary>
    public Correlation Correlation;

    /// <summary>Plain weights.</summary>
    public float* Weights;

    /// <summary>Packed weights.</summary>
    public float* Packed;

    /// <inheritdoc/>
    public void Run(int chunk, int worker) =>
        WeightPacking.Run(Correlation, Weights, chunk, Packed);
}
