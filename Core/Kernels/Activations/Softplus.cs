using System.Numerics;
using System.Runtime.Intrinsics;

namespace Fovea.Core.Kernels.Activations;

/// <summary>ln(1 + exp(x)), and x itself above 20, as in PyTorch. Its slope is σ(x).</summary>
public readonly struct Softplus : IWideActivation
{
    private const double Linear = 20;

    /// <inheritdoc/>
    public T Value<T>(T x)
        where T : IFloatingPointIeee754<T> =>
        x > T.CreateChecked(Linear) ? x : T.Max(x, T.Zero) + Functions.LogOnePlus(T.Exp(-T.Abs(x)));

    /// <inheritdoc/>
    public T Slope<T>(T x)
        where T : IFloatingPointIeee754<T> => x > T.CreateChecked(Linear) ? T.One : Functions.Sigmoid(x);

    /// <inheritdoc/>
    public Vector512<double> Value(Vector512<double> x)
    {
        Vector512<double> positive = Vector512.ConditionalSelect(Vector512.GreaterThan(x, Vector512<double>.Zero), x, Vector512<double>.Zero);
        Vector512<double> bent = positive + Functions.LogOnePlus(Vector512.Exp(-Vector512.Abs(x)));
        return Vector512.ConditionalSelect(Vector512.GreaterThan(x, Vector512.Create(Linear)), x, bent);
    }

    /// <inheritdoc/>
    public Vector512<double> Slope(Vector512<double> x) =>
        Vector512.ConditionalSelect(Vector512.GreaterThan(x, Vector512.Create(Linear)), Vector512<double>.One, Functions.Sigmoid(x));
}
