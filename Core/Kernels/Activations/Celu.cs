using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Fovea.Core.Kernels.Activations;

/// <summary>
/// x above 0, α·(exp(x/α) − 1) below: an ELU whose slope is continuous for every α (Barron, "Continuously differentiable
/// exponential linear units", 2017).
/// </summary>
public readonly struct Celu(double alpha) : IActivation
{
    /// <inheritdoc/>
    public T Forward<T>(T x)
        where T : IFloatingPointIeee754<T> => x <= T.Zero ? T.CreateChecked(alpha) * Functions.ExpMinusOne(x / T.CreateChecked(alpha)) : x;

    /// <inheritdoc/>
    public T Backward<T>(T x, T y, T dy)
        where T : IFloatingPointIeee754<T> => x <= T.Zero ? dy * T.Exp(x / T.CreateChecked(alpha)) : dy;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Vector512<float> Forward(Vector512<float> x) =>
        Vector512.ConditionalSelect(IsCurved(x), Exponential.ExpMinusOne(x / Vector512.Create((float)alpha)) * (float)alpha, x);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Vector512<float> Backward(Vector512<float> x, Vector512<float> y, Vector512<float> dy) =>
        Vector512.ConditionalSelect(IsCurved(x), dy * Exponential.Exp(x / Vector512.Create((float)alpha)), dy);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> IsCurved(Vector512<float> x) => Vector512.LessThanOrEqual(x, Vector512<float>.Zero);
}
