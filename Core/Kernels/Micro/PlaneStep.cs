namespace Fovea.Core.Kernels;

/// <summary>
/// Planes of plain images in the place of pixels, and their pixels in that of channels: as far apart as the caller says, while
/// the planes after these are fetched.
/// </summary>
internal readonly struct PlaneStep : IPixelStep
{
    /// <inheritdoc/>
    public static bool Spread => true;

    /// <inheritdoc/>
    public static bool Fetches => true;
}
