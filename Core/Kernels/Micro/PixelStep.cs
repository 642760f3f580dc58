namespace Fovea.Core.Kernels;

/// <summary>How a <see cref="PixelTile"/> walks over x, as constants of the compiled kernel.</summary>
internal interface IPixelStep
{
    /// <summary>Floats from one pixel to its right neighbour.</summary>
    static virtual int Floats => 1;

    /// <summary>Floats from one channel of a tap to the next.</summary>
    static virtual int Next => 1;

    /// <summary>Whether filters take the place of pixels: the bias then is one float a pixel.</summary>
    static virtual bool Turned => false;

    /// <summary>Whether the vectors of w lie as far apart as the caller says, not side by side.</summary>
    static virtual bool Strided => false;

    /// <summary>
    /// Whether the taps are those of w, where neighbouring channels are neighbouring floats: vectors of a plain image's pixels,
    /// at the places that a window reads. Then x goes on from tap to tap.
    /// </summary>
    static virtual bool Windowed => false;

    /// <summary>Whether the pixels of x lie as far apart as the caller says, not <see cref="Floats"/>.</summary>
    static virtual bool Spread => false;

    /// <summary>
    /// Whether the same pixels are fetched of what lies as far apart as the caller says, and is wanted next, into the
    /// second-level cache: no processor guesses where that is.
    /// </summary>
    static virtual bool FetchesPixels => false;

    /// <summary>Whether every tap also fetches a line of what is wanted next into the second-level cache.</summary>
    static virtual bool Fetches => false;
}

/// <summary>Pixels of a blocked image: sixteen channels apart.</summary>
internal readonly struct BlockedStep : IPixelStep
{
    /// <inheritdoc/>
    public static int Floats => 16;
}

/// <summary>Tiles at one position of Winograd's method, sixteen channels apart, while those at the next position are fetched.</summary>
internal readonly struct PositionStep : IPixelStep
{
    /// <inheritdoc/>
    public static int Floats => 16;

    /// <inheritdoc/>
    public static bool FetchesPixels => true;
}

/// <summary>Pixels of a plain image: side by side.</summary>
internal readonly struct PlainStep : IPixelStep;

/// <summary>Rows of a packed matrix, sixteen inner positions apart, while the columns after these are fetched.</summary>
internal readonly struct RowStep : IPixelStep
{
    /// <inheritdoc/>
    public static int Floats => 16;

    /// <inheritdoc/>
    public static bool Fetches => true;
}

/// <summary>Rows of a matrix where they lie, as far apart as the caller says.</summary>
internal readonly struct MatrixStep : IPixelStep
{
    /// <inheritdoc/>
    public static bool Spread => true;
}
