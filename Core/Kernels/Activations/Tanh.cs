using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Fovea.Core.Kernels.Activations;

/// <summary>The hyperbolic tangent. Its derivative is 1 − y².</summary>
public readonly struct Tanh : IActivation
{
    /// <inheritdoc/>
    public T Forward<T>(T x)
        where T : IFloatingPointIeee754<T> => T.Tanh(x);

    /// <inheritdoc/>
    public T Backward<T>(T x, T y, T dy)
        where T : IFloatingPointIeee754<T> => dy * (T.One - (y * y));

    /// <inheritdoc/>
    public Vector512<float> Forward(Vector512<float> x)
    {
        (Vector512<double> lower, Vector512<double> upper) = Vector512.Widen(x);
        return Vector512.Narrow(Wide(lower), Wide(upper));
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Vector512<float> Backward(Vector512<float> x, Vector512<float> y, Vector512<float> dy) =>
        dy * (Vector512<float>.One - (y * y));

    // (1 − e) / (1 + e) with e = exp(−2|x|) cancels near 0: in double precision what is left is exact enough for a
    // float down to 1e-6, below which tanh x is x.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<double> Wide(Vector512<double> x)
    {
        Vector512<double> size = Vector512.Abs(x);
        Vector512<double> e = Vector512.Exp(size * -2.0);
        Vector512<double> positive = (Vector512<double>.One - e) / (Vector512<double>.One + e);
        return Vector512.ConditionalSelect(Vector512.LessThan(size, Vector512.Create(1e-6)), x, Vector512.CopySign(positive, x));
    }
}
