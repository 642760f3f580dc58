namespace Fovea.Core.Kernels;

/// <summary>Where along an axis of a strided tile's sources the inputs of the outer taps lie, from 0 on, and those of the middle tap.</summary>
/// <param name="Step">From one to the next, of either.</param>
/// <param name="Middle">The middle tap's first.</param>
internal readonly record struct WinogradPhases(int Step, int Middle)
{
    /// <summary>Sources that a tile of a side reads.</summary>
    public int Reach(int side) => (Step * side) + 1;
}
