using System.Numerics;
using System.Runtime.Intrinsics;

namespace Fovea.Core.Kernels.Activations;

/// <summary>
/// x above 0, α·(exp(x/α) − 1) below: an ELU whose slope is continuous for every α (Barron, "Continuously differentiable
/// exponential linear units", 2017).
/// </summary>
public readonly struct Celu(double alpha) : IWideActivation
{
    /// <inheritdoc/>
    public T Value<T>(T x)
        where T : IFloatingPointIeee754<T> => x <= T.Zero ? T.CreateChecked(alpha) * Functions.ExpMinusOne(x / T.CreateChecked(alpha)) : x;

    /// <inheritdoc/>
    public T Slope<T>(T x)
        where T : IFloatingPointIeee754<T> => x <= T.Zero ? T.Exp(x / T.CreateChecked(alpha)) : T.One;

    /// <inheritdoc/>
    public Vector512<double> Value(Vector512<double> x) =>
        Vector512.ConditionalSelect(Vector512.LessThanOrEqual(x, Vector512<double>.Zero), Functions.ExpMinusOne(x / Vector512.Create(alpha)) * alpha, x);

    /// <inheritdoc/>
    public Vector512<double> Slope(Vector512<double> x) =>
        Vector512.ConditionalSelect(Vector512.LessThanOrEqual(x, Vector512<double>.Zero), Vector512.Exp(x / Vector512.Create(alpha)), Vector512<double>.One);
}
