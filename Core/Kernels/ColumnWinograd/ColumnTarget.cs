namespace Fovea.Core.Kernels;

/// <summary>Where a register tile's outputs go: four rows of two vectors by four scalars.</summary>
/// <param name="y">The first vector's first row, of the first scalar.</param>
/// <param name="row">Floats between rows.</param>
/// <param name="vector">Floats between vectors.</param>
/// <param name="scalar">Floats between scalars.</param>
/// <param name="relu">Whether max(0, ·) follows.</param>
/// <param name="far">Whether they go past the caches.</param>
internal readonly unsafe struct ColumnTarget(float* y, nint row, nint vector, nint scalar, bool relu, bool far)
{
    /// <summary>The first vector's first row, of the first scalar.</summary>
    public readonly float* Y = y;

    /// <summary>Floats between rows, vectors and scalars.</summary>
    public readonly nint Row = row, Vector = vector, Scalar = scalar;

    /// <summary>Whether max(0, ·) follows, and whether they go past the caches.</summary>
    public readonly bool Relu = relu, Far = far;
}
