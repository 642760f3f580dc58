namespace Fovea.Core.Kernels;

/// <summary>
/// Planes of plain images in the place of pixels, and their pixels in that of channels: as far apart as the caller says, while
/// the planes after these are fetched.
/// </summary>
internal readonly struct PlaneStep : IPixelStep
{
    /// <inheritdoc/>
    public static int Floats => 1;

    /// <inheritdoc/>
    public static int Next => 1;

    /// <inheritdoc/>
    public static bool Turned => false;

    /// <inheritdoc/>
    public static bool Strided => false;

    /// <inheritdoc/>
    public static bool Windowed => false;

    /// <inheritdoc/>
    public static bool Spread => true;

    /// <inheritdoc/>
    public static bool FetchesPixels => false;

    /// <inheritdoc/>
    public static bool Fetches => true;
}
