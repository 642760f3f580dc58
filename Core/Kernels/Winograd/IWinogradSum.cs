using Fovea.Core.Shapes;

namespace Fovea.Core.Kernels;

/// <summary>Backward weights by Winograd's method, cut into chunks.</summary>
internal unsafe interface IWinogradSum
{
    /// <summary>How the work is cut.</summary>
    WinogradCut Cut { get; }

    /// <summary>Floats of scratch a worker, as much as any smaller batch needs.</summary>
    long ScratchFloats { get; }

    /// <summary>Sums one part of the tiles for one range of channels and filters.</summary>
    void Run<T>(int chunk, float* x, Layout inputLayout, float* dy, Layout gradientLayout, float* shared, float* scratch)
        where T : struct, ILanes<T>;
}
