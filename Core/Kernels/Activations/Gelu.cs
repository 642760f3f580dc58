using System.Numerics;
using System.Runtime.Intrinsics;

namespace Fovea.Core.Kernels.Activations;

/// <summary>x·Φ(x), where Φ is the normal distribution (Hendrycks and Gimpel, "Gaussian error linear units", 2016). Its slope is Φ(x) + x·φ(x).</summary>
public readonly struct Gelu : IWideActivation
{
    private const double RootHalf = 0.70710678118654752440;
    private const double Peak = 0.39894228040143267794; // φ(0) = 1/√(2π)

    /// <inheritdoc/>
    public T Value<T>(T x)
        where T : IFloatingPointIeee754<T> => x * Below(x);

    /// <inheritdoc/>
    public T Slope<T>(T x)
        where T : IFloatingPointIeee754<T> => Below(x) + (x * T.CreateChecked(Peak) * T.Exp(x * x * T.CreateChecked(-0.5)));

    /// <inheritdoc/>
    public Vector512<double> Value(Vector512<double> x) => x * Below(x);

    /// <inheritdoc/>
    public Vector512<double> Slope(Vector512<double> x) => Below(x) + (x * Peak * Vector512.Exp(x * x * -0.5));

    private static T Below<T>(T x)
        where T : IFloatingPointIeee754<T> => T.CreateChecked(0.5) * Functions.Erfc(x * T.CreateChecked(-RootHalf));

    private static Vector512<double> Below(Vector512<double> x) => Functions.Erfc(x * -RootHalf) * 0.5;
}
