namespace Fovea.Core.Kernels;

/// <summary>Where a tile lies.</summary>
/// <param name="Image">Its image.</param>
/// <param name="Top">Its first row of targets.</param>
/// <param name="Left">Its first column of targets.</param>
/// <param name="Rows">Its rows of targets.</param>
/// <param name="Columns">Its columns of targets.</param>
internal readonly record struct WinogradSpot(int Image, int Top, int Left, int Rows, int Columns)
{
    /// <summary>Floats of room that so many spots take, whole cache lines.</summary>
    public static long Floats(int count) => ((5L * count) + 15) & ~15L;
}
