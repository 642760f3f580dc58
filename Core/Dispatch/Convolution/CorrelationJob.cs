using Fovea.Core.Kernels;

namespace Fovea.Core.Dispatch;

/// <summary>The chunks of a direct convolution.</summary>
internal unsafe struct CorrelationJob : IJob
{
    /// <summary>The sizes and the cuts.</summary>
    public Correlation Correlation;

    /// <summary>The cuts of windows of one pixel over plain images, if that is what it is.</summary>
    public Pointwise? Pointwise;

    /// <summary>Source, packed weights, bias (or null), target, and the workers' scratch.</summary>
    public float* Source, Packed, Bias, Target, Scratch;

    /// <summary>Whether max(0, ·) follows.</summary>
    public bool Relu;

    /// <summary>Floats of scratch a worker.</summary>
    public long ScratchFloats;

    /// <inheritdoc/>
    public void Run(int chunk, int worker)
    {
        float* scratch = Scratch + (worker * ScratchFloats);
        if (Pointwise is { } pointwise)
        {
            PointwiseKernel.Run(Correlation, pointwise, chunk, Source, Packed, Bias, Relu, Target, scratch);
        }
        else
        {
            DirectKernel.Run(Correlation, chunk, Source, Packed, Bias, Relu, Target, scratch);
        }
    }
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
