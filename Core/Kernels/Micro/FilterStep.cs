namespace Fovea.Core.Kernels;

/// <summary>
/// Filters of packed weights in the place of pixels: side by side, sixteen packed together. The pixels after these are
/// fetched meanwhile.
/// </summary>
internal readonly struct FilterStep1 : IPixelStep
{
    /// <inheritdoc/>
    public static int Next => 16;

    /// <inheritdoc/>
    public static bool Turned => true;

    /// <inheritdoc/>
    public static bool Strided => true;

    /// <inheritdoc/>
    public static bool Fetches => true;
}

/// <summary>The same where two blocks of sixteen are packed together.</summary>
internal readonly struct FilterStep2 : IPixelStep
{
    /// <inheritdoc/>
    public static int Next => 32;

    /// <inheritdoc/>
    public static bool Turned => true;

    /// <inheritdoc/>
    public static bool Strided => true;

    /// <inheritdoc/>
    public static bool Fetches => true;
}
