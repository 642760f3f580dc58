using System.Numerics;
using System.Runtime.Intrinsics;

namespace Fovea.Core.Kernels.Activations;

/// <summary>The logarithm of a sigmoid, −ln(1 + exp(−x)), which overflows nowhere. Its slope is σ(−x).</summary>
public readonly struct LogSigmoid : IWideActivation
{
    /// <inheritdoc/>
    public T Value<T>(T x)
        where T : IFloatingPointIeee754<T> => T.Min(x, T.Zero) - Functions.LogOnePlus(T.Exp(-T.Abs(x)));

    /// <inheritdoc/>
    public T Slope<T>(T x)
        where T : IFloatingPointIeee754<T> => Functions.Sigmoid(-x);

    /// <inheritdoc/>
    public Vector512<double> Value(Vector512<double> x) =>
        Vector512.ConditionalSelect(Vector512.GreaterThan(x, Vector512<double>.Zero), Vector512<double>.Zero, x) - Functions.LogOnePlus(Vector512.Exp(-Vector512.Abs(x)));

    /// <inheritdoc/>
    public Vector512<double> Slope(Vector512<double> x) => Functions.Sigmoid(-x);
}
