namespace Fovea.Core.Kernels;

/// <summary>What the vectors of a <see cref="ColumnTile"/> are, as a constant of the compiled kernel.</summary>
internal interface IColumnVectors
{
    /// <summary>Whether they are neighbouring pixels, and filters the scalars; or filters, and pixels the scalars.</summary>
    static abstract bool ArePixels { get; }
}

/// <summary>Neighbouring pixels: of plain targets.</summary>
internal readonly struct PixelVectors : IColumnVectors
{
    /// <inheritdoc/>
    public static bool ArePixels => true;
}

/// <summary>Neighbouring filters: of blocked targets.</summary>
internal readonly struct FilterVectors : IColumnVectors
{
    /// <inheritdoc/>
    public static bool ArePixels => false;
}
