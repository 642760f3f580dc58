using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Fovea.Core.Kernels.Activations;

/// <summary>
/// Exponentials of sixteen floats, to two units in the last place: the nearest multiple of ln 2 taken off, a polynomial
/// of the rest (least relative error on ±0.36), and the multiple as an exponent. Below 2⁻¹²⁶ they are 0.
/// </summary>
internal static class Exponential
{
    private const float Log2E = 1.44269504f;

    // ln 2 in two parts, of which the first has few enough bits that multiples of it are exact.
    private const float Ln2High = 0.693359375f;
    private const float Ln2Low = -2.12194440e-4f;

    private const float Smallest = -87.33654f;
    private const float Largest = 88.37626f;

    /// <summary>exp(x).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Exp(Vector512<float> x) => Exp(x, Vector512<float>.Zero);

    /// <summary>exp(x + rest), for a rest that is small beside 0.1: what x alone has no bits for.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Exp(Vector512<float> x, Vector512<float> rest)
    {
        (Vector512<float> less, Vector512<float> scale) = Parts(x, rest);
        return AtEnds(x, Vector512.FusedMultiplyAdd(less, scale, scale), Vector512<float>.Zero);
    }

    /// <summary>exp(x) − 1, without cancellation near 0.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> ExpMinusOne(Vector512<float> x)
    {
        (Vector512<float> less, Vector512<float> scale) = Parts(x, Vector512<float>.Zero);
        return AtEnds(x, Vector512.FusedMultiplyAdd(less, scale, scale - Vector512<float>.One), Vector512.Create(-1f));
    }

    /// <summary>1 / (1 + exp(−x)).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Sigmoid(Vector512<float> x) => Vector512<float>.One / (Vector512<float>.One + Exp(-x));

    // exp(x + rest) = (1 + less) · scale.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static (Vector512<float> Less, Vector512<float> Scale) Parts(Vector512<float> x, Vector512<float> rest)
    {
        Vector512<float> n = Vector512.Round(x * Log2E);
        Vector512<float> r = Vector512.FusedMultiplyAdd(n, Vector512.Create(-Ln2High), x);
        r = Vector512.FusedMultiplyAdd(n, Vector512.Create(-Ln2Low), r) + rest;
        Vector512<float> q = Vector512.Create(1.388202402e-03f);
        q = Vector512.FusedMultiplyAdd(q, r, Vector512.Create(8.369134548e-03f));
        q = Vector512.FusedMultiplyAdd(q, r, Vector512.Create(4.166728708e-02f));
        q = Vector512.FusedMultiplyAdd(q, r, Vector512.Create(1.666652350e-01f));
        q = Vector512.FusedMultiplyAdd(q, r, Vector512.Create(4.999999768e-01f));
        Vector512<float> less = Vector512.FusedMultiplyAdd(q, r * r, r);
        Vector512<int> exponent = (Vector512.ConvertToInt32Native(n) + Vector512.Create(127)) << 23;
        return (less, exponent.AsSingle());
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> AtEnds(Vector512<float> x, Vector512<float> inside, Vector512<float> below)
    {
        Vector512<float> lower = Vector512.ConditionalSelect(Vector512.LessThan(x, Vector512.Create(Smallest)), below, inside);
        return Vector512.ConditionalSelect(Vector512.GreaterThan(x, Vector512.Create(Largest)), Vector512.Create(float.PositiveInfinity), lower);
    }
}
