using Fovea.Core.Shapes;

namespace Fovea.Core.Kernels;

/// <summary>A convolution by Winograd's method, cut into chunks.</summary>
internal unsafe interface IWinogradProduct
{
    /// <summary>Chunks of work.</summary>
    int Chunks { get; }

    /// <summary>Chunks in a row that share their tiles, each with filters of its own.</summary>
    int Slices { get; }

    /// <summary>Chunks of packing weights.</summary>
    int PackingChunks { get; }

    /// <summary>Floats of scratch a worker, as much as any smaller batch needs.</summary>
    long ScratchFloats { get; }

    /// <summary>Packs one chunk of the weights, transformed or to be so later.</summary>
    void Pack<T>(int chunk, float* weights, float* packed)
        where T : struct, ILanes<T>;

    /// <summary>Computes one chunk; where <paramref name="scratch"/> has its tiles' transforms already, from their last slice, with those.</summary>
    void Run<T>(int chunk, bool isTransformed, float* source, Layout sourceLayout, float* packed, float* bias, bool relu, float* target, Layout targetLayout, float* scratch)
        where T : struct, ILanes<T>;
}
