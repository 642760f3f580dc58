namespace Fovea.Core.Kernels.Planes;

/// <summary>The ends of a row that a vector lies at, zeros being beyond them.</summary>
internal interface IEnds
{
    /// <summary>Whether it begins with the row.</summary>
    static abstract bool HasLeft { get; }

    /// <summary>Whether it ends with the row; with both, the row is a vector or less.</summary>
    static abstract bool HasRight { get; }
}

/// <summary>The left end.</summary>
internal readonly struct LeftEnd : IEnds
{
    /// <inheritdoc/>
    public static bool HasLeft => true;

    /// <inheritdoc/>
    public static bool HasRight => false;
}

/// <summary>The right end.</summary>
internal readonly struct RightEnd : IEnds
{
    /// <inheritdoc/>
    public static bool HasLeft => false;

    /// <inheritdoc/>
    public static bool HasRight => true;
}

/// <summary>Both ends.</summary>
internal readonly struct BothEnds : IEnds
{
    /// <inheritdoc/>
    public static bool HasLeft => true;

    /// <inheritdoc/>
    public static bool HasRight => true;
}
