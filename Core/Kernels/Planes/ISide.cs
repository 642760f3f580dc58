namespace Fovea.Core.Kernels.Planes;

/// <summary>The end of a row that a vector lies at.</summary>
internal interface ISide
{
    /// <summary>Whether it is the left one.</summary>
    static abstract bool IsLeft { get; }
}

/// <summary>The left end.</summary>
internal readonly struct LeftSide : ISide
{
    /// <inheritdoc/>
    public static bool IsLeft => true;
}

/// <summary>The right end.</summary>
internal readonly struct RightSide : ISide
{
    /// <inheritdoc/>
    public static bool IsLeft => false;
}
