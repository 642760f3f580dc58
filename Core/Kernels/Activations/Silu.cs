using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Fovea.Core.Kernels.Activations;

/// <summary>x·σ(x), also called swish. Its slope is σ(x)·(1 + x·(1 − σ(x))).</summary>
public readonly struct Silu : IActivation
{
    /// <inheritdoc/>
    public T Forward<T>(T x)
        where T : IFloatingPointIeee754<T> => x * Functions.Sigmoid(x);

    /// <inheritdoc/>
    public T Backward<T>(T x, T y, T dy)
        where T : IFloatingPointIeee754<T> => dy * Functions.Sigmoid(x) * (T.One + (x * (T.One - Functions.Sigmoid(x))));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Vector512<float> Forward(Vector512<float> x) => x * Exponential.Sigmoid(x);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Vector512<float> Backward(Vector512<float> x, Vector512<float> y, Vector512<float> dy)
    {
        Vector512<float> gate = Exponential.Sigmoid(x);
        return dy * gate * (Vector512<float>.One + (x * (Vector512<float>.One - gate)));
    }
}
