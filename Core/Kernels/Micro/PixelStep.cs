namespace Fovea.Core.Kernels;

/// <summary>Floats from one pixel to its right neighbour, as a constant of the compiled kernel.</summary>
internal interface IPixelStep
{
    /// <summary>The number of floats.</summary>
    static abstract int Floats { get; }
}

/// <summary>Pixels of a blocked image: sixteen channels apart.</summary>
internal readonly struct BlockedStep : IPixelStep
{
    /// <inheritdoc/>
    public static int Floats => 16;
}

/// <summary>Pixels of a plain image: side by side.</summary>
internal readonly struct PlainStep : IPixelStep
{
    /// <inheritdoc/>
    public static int Floats => 1;
}
