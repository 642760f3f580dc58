using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Fovea.Core.Kernels.Pooling;

/// <summary>p = 1: the sum.</summary>
internal readonly struct SumNorm : IPNorm
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Vector512<float> Power(Vector512<float> x) => x;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Vector512<float> Root(Vector512<float> sum) => sum;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Vector512<float> Slope(Vector512<float> x, Vector512<float> y) => Vector512<float>.One;
}

/// <summary>p = 2: the Euclidean norm.</summary>
internal readonly struct EuclideanNorm : IPNorm
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Vector512<float> Power(Vector512<float> x) => x * x;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Vector512<float> Root(Vector512<float> sum) => Vector512.Sqrt(sum);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Vector512<float> Slope(Vector512<float> x, Vector512<float> y) =>
        Vector512.ConditionalSelect(Vector512.Equals(y, Vector512<float>.Zero), Vector512<float>.Zero, x / y);
}

/// <summary>
/// Any other p, by logarithms and exponentials in double precision, so that what large exponents magnify is still below a
/// float's last bit.
/// </summary>
/// <param name="p">p.</param>
internal readonly struct AnyNorm(double p) : IPNorm
{
    /// <inheritdoc/>
    public Vector512<float> Power(Vector512<float> x) => Vector512.Narrow(Power(Low(x), p), Power(High(x), p));

    /// <inheritdoc/>
    public Vector512<float> Root(Vector512<float> sum) => Vector512.Narrow(Power(Low(sum), 1 / p), Power(High(sum), 1 / p));

    /// <inheritdoc/>
    public Vector512<float> Slope(Vector512<float> x, Vector512<float> y)
    {
        Vector512<double> low = Power(Low(x), p - 1) * Power(Low(y), 1 - p), high = Power(High(x), p - 1) * Power(High(y), 1 - p);
        return Vector512.ConditionalSelect(Vector512.Equals(y, Vector512<float>.Zero), Vector512<float>.Zero, Vector512.Narrow(low, high));
    }

    private static Vector512<double> Low(Vector512<float> x) => Vector512.WidenLower(x);

    private static Vector512<double> High(Vector512<float> x) => Vector512.WidenUpper(x);

    // As Math.Pow for an exponent that is not 0: of a negative number only where the exponent is whole, or the number −∞.
    private static Vector512<double> Power(Vector512<double> x, double exponent)
    {
        Vector512<double> size = Vector512.Exp(Vector512.Log(Vector512.Abs(x)) * exponent);
        Vector512<double> below = Vector512.LessThan(x, Vector512<double>.Zero);
        if (double.IsInteger(exponent))
        {
            return double.IsOddInteger(exponent) ? Vector512.ConditionalSelect(below, -size, size) : size;
        }

        Vector512<double> rootless = below & Vector512.GreaterThan(x, Vector512.Create(double.NegativeInfinity));
        return Vector512.ConditionalSelect(rootless, Vector512.Create(double.NaN), size);
    }
}
