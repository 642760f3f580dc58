namespace Fovea.Core.Kernels;

/// <summary>What of an axis of the images tiles read or write.</summary>
/// <param name="Tiles">The tiles.</param>
/// <param name="Step">Pixels by which a tile moves for each of its targets.</param>
/// <param name="Origin">The first tile's first pixel, which may lie outside.</param>
/// <param name="Halo">Pixels that neighbouring tiles share.</param>
/// <param name="Length">Pixels of the axis.</param>
internal readonly record struct WinogradReach(WinogradAxis Tiles, int Step, int Origin, int Halo, int Length)
{
    /// <summary>Pixels that no tile touches, before the first one and behind the last.</summary>
    public int Untouched => Math.Max(0, Origin) + Math.Max(0, Length - At(Tiles.Tiles) - Halo);

    /// <summary>The first pixel of the image that a tile touches.</summary>
    public int Begin(int tile) => Math.Clamp(At(tile), 0, Length);

    /// <summary>The first one behind those that it touches.</summary>
    public int End(int tile) => Math.Clamp(At(tile + 1) + Halo, 0, Length);

    private int At(int tile) => Origin + (Step * Tiles.Begin(tile));
}
