using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Fovea.Core.Kernels.Activations;

/// <summary>Functions that activations are made of: for a number of any precision and for eight doubles.</summary>
internal static class Functions
{
    // ln(erfc(z)·exp(z²)/t) as a series of Chebyshev polynomials in 2t − 1, where t = 2/(2 + z): interpolated at the 34
    // Chebyshev points in 60 digits. What is left off is below 1e-14.
    private static readonly double[] Series =
    [
        -6.51326859890854704e-01,
        6.41969792356490210e-01,
        1.94764732041858360e-02,
        -9.56151478680863226e-03,
        -9.46595344482036916e-04,
        3.66839497852761447e-04,
        4.25233248069077689e-05,
        -2.02785781125342418e-05,
        -1.62429000464702561e-06,
        1.30365583558052324e-06,
        1.56264417220661419e-08,
        -8.52380959149265415e-08,
        6.52905443909885149e-09,
        5.05934349555146930e-09,
        -9.91364156493033066e-10,
        -2.27365122293183597e-10,
        9.64679110201552702e-11,
        2.39403808303911459e-12,
        -6.88602752649755322e-12,
        8.94487927309072228e-13,
        3.13092139934296217e-13,
        -1.12708223613671147e-13,
        3.81090525509781293e-16,
        7.10609761363024606e-15,
    ];

    /// <summary>1 / (1 + exp(−x)).</summary>
    public static T Sigmoid<T>(T x)
        where T : IFloatingPointIeee754<T> => T.One / (T.One + T.Exp(-x));

    /// <summary>1 / (1 + exp(−x)).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<double> Sigmoid(Vector512<double> x) => Vector512<double>.One / (Vector512<double>.One + Vector512.Exp(-x));

    /// <summary>exp(x) − 1 without cancellation near 0: the rounding error of exp(x) divides out (Kahan's way; .NET's own subtracts).</summary>
    public static T ExpMinusOne<T>(T x)
        where T : IFloatingPointIeee754<T>
    {
        T power = T.Exp(x), less = power - T.One;
        return power == T.One ? x : less == -T.One ? less : less * x / T.Log(power);
    }

    /// <summary>ln(1 + x) without cancellation near 0, in the same way.</summary>
    public static T LogOnePlus<T>(T x)
        where T : IFloatingPointIeee754<T>
    {
        T sum = T.One + x;
        return sum == T.One ? x : T.Log(sum) * x / (sum - T.One);
    }

    /// <summary>ln(1 + x) for x in 0..1, to a relative 1e-8 also near 0.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<double> LogOnePlus(Vector512<double> x) =>
        Vector512.ConditionalSelect(Vector512.LessThan(x, Vector512.Create(1e-8)), x, Vector512.Log(Vector512<double>.One + x));

    /// <summary>The complementary error function 2/√π ∫ₓ^∞ exp(−t²) dt, to a relative 1e-12 in double precision.</summary>
    public static T Erfc<T>(T x)
        where T : IFloatingPointIeee754<T>
    {
        T two = T.One + T.One, size = T.Abs(x), t = two / (two + size), u = (two * t) - T.One;
        T last = T.Zero, sum = T.Zero;
        for (int i = Series.Length - 1; i > 0; i--)
        {
            (sum, last) = ((two * u * sum) - last + T.CreateChecked(Series[i]), sum);
        }

        T upper = t * T.Exp((u * sum) - last + T.CreateChecked(Series[0]) - (size * size));
        return x < T.Zero ? two - upper : upper;
    }
}
