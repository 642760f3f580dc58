namespace Fovea.Core.Kernels;

/// <summary>
/// Filters of packed weights in the place of pixels: side by side, sixteen packed together, times the plain pixels that a window reads.
/// </summary>
internal readonly struct WindowStep1 : IPixelStep
{
    /// <inheritdoc/>
    public static int Next => 16;

    /// <inheritdoc/>
    public static bool Turned => true;

    /// <inheritdoc/>
    public static bool Windowed => true;
}

/// <summary>The same where two blocks of sixteen are packed together.</summary>
internal readonly struct WindowStep2 : IPixelStep
{
    /// <inheritdoc/>
    public static int Next => 32;

    /// <inheritdoc/>
    public static bool Turned => true;

    /// <inheritdoc/>
    public static bool Windowed => true;
}
