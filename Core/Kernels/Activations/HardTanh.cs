using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Fovea.Core.Kernels.Activations;

/// <summary>min(max(−1, x), 1): a hyperbolic tangent of straight lines. NaN stays NaN; the derivative at the corners is 0, as in PyTorch.</summary>
public readonly struct HardTanh : IActivation
{
    /// <inheritdoc/>
    public T Forward<T>(T x)
        where T : IFloatingPointIeee754<T> => x < -T.One ? -T.One : x > T.One ? T.One : x;

    /// <inheritdoc/>
    public T Backward<T>(T x, T y, T dy)
        where T : IFloatingPointIeee754<T> => x <= -T.One || x >= T.One ? T.Zero : dy;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Vector512<float> Forward(Vector512<float> x)
    {
        Vector512<float> one = Vector512<float>.One;
        Vector512<float> below = Vector512.ConditionalSelect(Vector512.LessThan(x, -one), -one, x);
        return Vector512.ConditionalSelect(Vector512.GreaterThan(x, one), one, below);
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Vector512<float> Backward(Vector512<float> x, Vector512<float> y, Vector512<float> dy) =>
        Vector512.ConditionalSelect(Vector512.GreaterThanOrEqual(Vector512.Abs(x), Vector512<float>.One), Vector512<float>.Zero, dy);
}
