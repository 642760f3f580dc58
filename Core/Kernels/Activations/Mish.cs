using System.Numerics;
using System.Runtime.Intrinsics;

namespace Fovea.Core.Kernels.Activations;

/// <summary>
/// x·tanh(ln(1 + exp(x))) (Misra, "Mish: a self regularized non-monotonic activation function", 2019). With e = exp(x) the
/// tangent is w = (e² + 2e)/(e² + 2e + 2), and the slope w + x·σ(x)·(1 − w²).
/// </summary>
public readonly struct Mish : IWideActivation
{
    /// <inheritdoc/>
    public T Value<T>(T x)
        where T : IFloatingPointIeee754<T> => x * Gate(x);

    /// <inheritdoc/>
    public T Slope<T>(T x)
        where T : IFloatingPointIeee754<T>
    {
        T gate = Gate(x);
        return gate + (x * Functions.Sigmoid(x) * (T.One - (gate * gate)));
    }

    /// <inheritdoc/>
    public Vector512<double> Value(Vector512<double> x) => x * Gate(x);

    /// <inheritdoc/>
    public Vector512<double> Slope(Vector512<double> x)
    {
        Vector512<double> gate = Gate(x);
        return gate + (x * Functions.Sigmoid(x) * (Vector512<double>.One - (gate * gate)));
    }

    private static T Gate<T>(T x)
        where T : IFloatingPointIeee754<T> => T.Tanh(T.Max(x, T.Zero) + Functions.LogOnePlus(T.Exp(-T.Abs(x))));

    // Divided through by e² where e would overflow.
    private static Vector512<double> Gate(Vector512<double> x)
    {
        Vector512<double> two = Vector512.Create(2.0), e = Vector512.Exp(-Vector512.Abs(x));
        Vector512<double> below = e * (e + two), above = Vector512<double>.One + (two * e);
        Vector512<double> isAbove = Vector512.GreaterThan(x, Vector512<double>.Zero);
        return Vector512.ConditionalSelect(isAbove, above / (above + (two * e * e)), below / (below + two));
    }
}
