using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Fovea.Core.Kernels.Activations;

/// <summary>
/// x·tanh(ln(1 + exp(x))) (Misra, "Mish: a self regularized non-monotonic activation function", 2019). With e = exp(x) the
/// tangent is w = (e² + 2e)/(e² + 2e + 2), and the slope w + x·σ(x)·(1 − w²).
/// </summary>
public readonly struct Mish : IActivation
{
    // From here on the gate is 1.
    private const float Whole = 20;

    /// <inheritdoc/>
    public T Forward<T>(T x)
        where T : IFloatingPointIeee754<T> => x * Gate(x);

    /// <inheritdoc/>
    public T Backward<T>(T x, T y, T dy)
        where T : IFloatingPointIeee754<T>
    {
        T gate = Gate(x);
        return dy * (gate + (x * Functions.Sigmoid(x) * (T.One - (gate * gate))));
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Vector512<float> Forward(Vector512<float> x)
    {
        (_, Vector512<float> above) = Powers(x);
        return x * (above / (above + Vector512.Create(2f)));
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Vector512<float> Backward(Vector512<float> x, Vector512<float> y, Vector512<float> dy)
    {
        // x · sigmoid(x) · (1 − gate²) without the difference: x · 4·e·(1 + e) / (n + 2)².
        (Vector512<float> e, Vector512<float> above) = Powers(x);
        Vector512<float> below = above + Vector512.Create(2f), factor = 4f * e * (Vector512<float>.One + e) / (below * below);
        Vector512<float> rest = Vector512.ConditionalSelect(Vector512.LessThan(x, Vector512.Create(Whole)), factor, Vector512<float>.Zero);
        return dy * ((above / below) + (x * rest));
    }

    private static T Gate<T>(T x)
        where T : IFloatingPointIeee754<T> => T.Tanh(T.Max(x, T.Zero) + Functions.LogOnePlus(T.Exp(-T.Abs(x))));

    // e = exp(x) and n = e·(e + 2), of which the gate is n / (n + 2).
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static (Vector512<float> Power, Vector512<float> Above) Powers(Vector512<float> x)
    {
        Vector512<float> e = Exponential.Exp(Vector512.Min(x, Vector512.Create(Whole)));
        return (e, e * (e + Vector512.Create(2f)));
    }
}
