using System.Numerics;
using System.Runtime.Intrinsics;

namespace Fovea.Core.Kernels.Activations;

/// <summary>GELU's approximation x/2·(1 + tanh z) = x·σ(2z) with z = √(2/π)·(x + 0.044715·x³), from the same paper.</summary>
public readonly struct GeluTanh : IWideActivation
{
    private const double Twice = 1.5957691216057307117; // 2·√(2/π)
    private const double Cubic = 0.044715;

    /// <inheritdoc/>
    public T Value<T>(T x)
        where T : IFloatingPointIeee754<T> => x * Gate(x);

    /// <inheritdoc/>
    public T Slope<T>(T x)
        where T : IFloatingPointIeee754<T>
    {
        T gate = Gate(x);
        return gate + (x * gate * (T.One - gate) * T.CreateChecked(Twice) * (T.One + (T.CreateChecked(3 * Cubic) * x * x)));
    }

    /// <inheritdoc/>
    public Vector512<double> Value(Vector512<double> x) => x * Gate(x);

    /// <inheritdoc/>
    public Vector512<double> Slope(Vector512<double> x)
    {
        Vector512<double> gate = Gate(x);
        return gate + (x * gate * (Vector512<double>.One - gate) * Twice * (Vector512<double>.One + (x * x * (3 * Cubic))));
    }

    private static T Gate<T>(T x)
        where T : IFloatingPointIeee754<T> => Functions.Sigmoid(T.CreateChecked(Twice) * (x + (T.CreateChecked(Cubic) * x * x * x)));

    private static Vector512<double> Gate(Vector512<double> x) => Functions.Sigmoid((x + (x * x * x * Cubic)) * Twice);
}
