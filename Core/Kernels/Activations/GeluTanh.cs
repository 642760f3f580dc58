using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Fovea.Core.Kernels.Activations;

/// <summary>GELU's approximation x/2·(1 + tanh z) = x·σ(2z) with z = √(2/π)·(x + 0.044715·x³), from the same paper.</summary>
public readonly struct GeluTanh : IActivation
{
    private const double Twice = 1.5957691216057307117; // 2·√(2/π)
    private const double Cubic = 0.044715;

    /// <inheritdoc/>
    public T Forward<T>(T x)
        where T : IFloatingPointIeee754<T> => x * Gate(x);

    /// <inheritdoc/>
    public T Backward<T>(T x, T y, T dy)
        where T : IFloatingPointIeee754<T>
    {
        T gate = Gate(x);
        return dy * (gate + (x * gate * (T.One - gate) * T.CreateChecked(Twice) * (T.One + (T.CreateChecked(3 * Cubic) * x * x))));
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Vector512<float> Forward(Vector512<float> x) => x * Gate(x);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Vector512<float> Backward(Vector512<float> x, Vector512<float> y, Vector512<float> dy)
    {
        // Past ±15 the gate is 0 or 1, where a square that overflows would make NaN of it.
        Vector512<float> gate = Gate(x), near = Vector512.Clamp(x, Vector512.Create(-15f), Vector512.Create(15f));
        Vector512<float> slope = x * gate * (Vector512<float>.One - gate) * (float)Twice * (Vector512<float>.One + (near * near * (float)(3 * Cubic)));
        return dy * (gate + slope);
    }

    private static T Gate<T>(T x)
        where T : IFloatingPointIeee754<T> => Functions.Sigmoid(T.CreateChecked(Twice) * (x + (T.CreateChecked(Cubic) * x * x * x)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Gate(Vector512<float> x) => Exponential.Sigmoid((x + (x * x * x * (float)Cubic)) * (float)Twice);
}
