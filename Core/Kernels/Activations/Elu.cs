using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Fovea.Core.Kernels.Activations;

/// <summary>x above 0, α·(exp(x) − 1) below (Clevert, Unterthiner and Hochreiter, "Fast and accurate deep network learning by exponential linear units", 2015), times a factor.</summary>
public readonly struct Elu(double alpha, double factor) : IActivation
{
    /// <summary>SELU's α and factor, with which activations keep mean 0 and variance 1 (Klambauer et al., "Self-normalizing neural networks", 2017).</summary>
    public static Elu Selu => new(1.6732632423543772848170429916717, 1.0507009873554804934193349852946);

    /// <inheritdoc/>
    public T Forward<T>(T x)
        where T : IFloatingPointIeee754<T> => T.CreateChecked(factor) * (x <= T.Zero ? T.CreateChecked(alpha) * Functions.ExpMinusOne(x) : x);

    /// <inheritdoc/>
    public T Backward<T>(T x, T y, T dy)
        where T : IFloatingPointIeee754<T> => dy * T.CreateChecked(factor) * (x <= T.Zero ? T.CreateChecked(alpha) * T.Exp(x) : T.One);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Vector512<float> Forward(Vector512<float> x) =>
        Vector512.ConditionalSelect(IsCurved(x), Exponential.ExpMinusOne(x) * (float)(alpha * factor), x * (float)factor);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Vector512<float> Backward(Vector512<float> x, Vector512<float> y, Vector512<float> dy) =>
        dy * Vector512.ConditionalSelect(IsCurved(x), Exponential.Exp(x) * (float)(alpha * factor), Vector512.Create((float)factor));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> IsCurved(Vector512<float> x) => Vector512.LessThanOrEqual(x, Vector512<float>.Zero);
}
