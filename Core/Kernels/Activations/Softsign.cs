using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Fovea.Core.Kernels.Activations;

/// <summary>
/// x / (1 + |x|) (Bergstra et al., "Quadratic polynomials learn better image features", 2009). Its derivative is 1 / (1 + |x|)²;
/// an infinite x has no value (∞/∞), and so no slope, as in PyTorch.
/// </summary>
public readonly struct Softsign : IActivation
{
    /// <inheritdoc/>
    public static bool ReadsOutput => true;

    /// <inheritdoc/>
    public T Forward<T>(T x)
        where T : IFloatingPointIeee754<T> => x / (T.One + T.Abs(x));

    /// <inheritdoc/>
    public T Backward<T>(T x, T y, T dy)
        where T : IFloatingPointIeee754<T>
    {
        T below = T.One + T.Abs(x);
        return (dy / below / below) + (y - y);
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Vector512<float> Forward(Vector512<float> x) => x / (Vector512<float>.One + Vector512.Abs(x));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Vector512<float> Backward(Vector512<float> x, Vector512<float> y, Vector512<float> dy)
    {
        Vector512<float> below = Vector512<float>.One + Vector512.Abs(x);
        return (dy / below / below) + (y - y);
    }
}
