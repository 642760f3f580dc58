using System.Numerics;
using System.Runtime.Intrinsics;

namespace Fovea.Core.Kernels.Activations;

/// <summary>x above 0, α·(exp(x) − 1) below (Clevert, Unterthiner and Hochreiter, "Fast and accurate deep network learning by exponential linear units", 2015), times a factor.</summary>
public readonly struct Elu(double alpha, double factor) : IWideActivation
{
    /// <summary>SELU's α and factor, with which activations keep mean 0 and variance 1 (Klambauer et al., "Self-normalizing neural networks", 2017).</summary>
    public static Elu Selu => new(1.6732632423543772848170429916717, 1.0507009873554804934193349852946);

    /// <inheritdoc/>
    public T Value<T>(T x)
        where T : IFloatingPointIeee754<T> => T.CreateChecked(factor) * (x <= T.Zero ? T.CreateChecked(alpha) * Functions.ExpMinusOne(x) : x);

    /// <inheritdoc/>
    public T Slope<T>(T x)
        where T : IFloatingPointIeee754<T> => T.CreateChecked(factor) * (x <= T.Zero ? T.CreateChecked(alpha) * T.Exp(x) : T.One);

    /// <inheritdoc/>
    public Vector512<double> Value(Vector512<double> x) =>
        Vector512.ConditionalSelect(Vector512.LessThanOrEqual(x, Vector512<double>.Zero), Functions.ExpMinusOne(x) * alpha, x) * factor;

    /// <inheritdoc/>
    public Vector512<double> Slope(Vector512<double> x) =>
        Vector512.ConditionalSelect(Vector512.LessThanOrEqual(x, Vector512<double>.Zero), Vector512.Exp(x) * alpha, Vector512<double>.One) * factor;
}
