using System.Numerics;
using System.Runtime.Intrinsics;

namespace Fovea.Core.Kernels.Activations;

/// <summary>x·σ(x), also called swish. Its slope is σ(x)·(1 + x·(1 − σ(x))).</summary>
public readonly struct Silu : IWideActivation
{
    /// <inheritdoc/>
    public T Value<T>(T x)
        where T : IFloatingPointIeee754<T> => x * Functions.Sigmoid(x);

    /// <inheritdoc/>
    public T Slope<T>(T x)
        where T : IFloatingPointIeee754<T> => Functions.Sigmoid(x) * (T.One + (x * (T.One - Functions.Sigmoid(x))));

    /// <inheritdoc/>
    public Vector512<double> Value(Vector512<double> x) => x * Functions.Sigmoid(x);

    /// <inheritdoc/>
    public Vector512<double> Slope(Vector512<double> x)
    {
        Vector512<double> gate = Functions.Sigmoid(x);
        return gate * (Vector512<double>.One + (x * (Vector512<double>.One - gate)));
    }
}
