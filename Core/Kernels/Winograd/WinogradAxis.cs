namespace Fovea.Core.Kernels;

/// <summary>
/// One axis of the targets, cut into tiles: as few as sides of at most 4 (of 2 for five taps) allow, as even as they can be,
/// the larger ones first. Seven targets are 4 + 3 and need eleven positions, where two tiles of 4 need twelve.
/// </summary>
internal readonly struct WinogradAxis
{
    private readonly int larger;

    /// <summary>Cuts an axis.</summary>
    public WinogradAxis(int targets, int taps)
    {
        int most = 7 - taps;
        Tiles = Correlation.Pieces(targets, most);
        Side = Correlation.Even(targets, most);
        larger = targets - (Tiles * (Side - 1));
        Positions = Side + taps - 1;
        AllPositions = targets + (Tiles * (taps - 1));
    }

    /// <summary>Tiles.</summary>
    public int Tiles { get; }

    /// <summary>Targets of the larger tiles; the others have one less.</summary>
    public int Side { get; }

    /// <summary>Whether all tiles are the larger ones.</summary>
    public bool IsEven => larger == Tiles;

    /// <summary>Positions that the larger tiles are transformed to.</summary>
    public int Positions { get; }

    /// <summary>Positions of all tiles.</summary>
    public int AllPositions { get; }

    /// <summary>The first target of a tile.</summary>
    public int Begin(int tile) => (tile * Side) - Math.Max(0, tile - larger);

    /// <summary>Targets of a tile.</summary>
    public int SideOf(int tile) => tile < larger ? Side : Side - 1;
}
