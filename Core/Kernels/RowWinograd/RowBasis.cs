using System.Runtime.CompilerServices;

namespace Fovea.Core.Kernels;

/// <summary>
/// The transforms of Winograd's method along one axis, y = Aᵀ[(G·g) ⊙ (Bᵀ·d)]: four outputs of one to four taps from three
/// products more than there are taps, by interpolation at 0, ∞, 1, −1, 2, −2, ½, in this order; fewer taps leave the last ones out.
/// </summary>
/// <remarks>
/// Aᵀ does not depend on the number of taps. So the products that the phases of a strided window have at a point are summed
/// before they are transformed back, over channels and rows as well. Toom and Cook's construction: with M(x) = Π(x − p) over the
/// finite points, the inputs' row of a point is M(x) / (x − p), that of ∞ is M(x).
/// </remarks>
internal static unsafe class RowBasis
{
    /// <summary>Outputs of a tile.</summary>
    public const int Side = 4;

    /// <summary>Taps that there are points for.</summary>
    public const int MostTaps = 4;

    /// <summary>Products for so many taps.</summary>
    public static int Positions(int taps) => taps + Side - 1;

    // Where ∞ stands, its value here means nothing.
    private static ReadOnlySpan<double> Points => [0, double.PositiveInfinity, 1, -1, 2, -2, 0.5];

    private static readonly float[][] Inputs = [.. Enumerable.Range(1, MostTaps).Select(Input)];

    private static readonly double[][] WeightRows = [.. Enumerable.Range(1, MostTaps).Select(taps => Enumerable.Range(0, Positions(taps)).SelectMany(position => Weight(taps, position)).ToArray())];

    /// <summary>Bᵀ for so many taps: row by row, a row a position.</summary>
    public static ReadOnlySpan<float> InputMatrix(int taps) => Inputs[taps - 1];

    /// <summary>The row of G for so many taps and a position; none where there is no such position.</summary>
    public static ReadOnlySpan<double> Weights(int taps, int position) =>
        position < Positions(taps) ? WeightRows[taps - 1].AsSpan(position * taps, taps) : [];

    /// <summary>Aᵀ·m, plus a bias in every lane: four outputs of five to seven positions, a step apart.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Output<T>(int positions, float* m, nint step, T bias, out T y0, out T y1, out T y2, out T y3)
        where T : struct, ILanes<T>
    {
        T last = positions > 5 ? T.Load(m + (5 * step)) : T.Zero;
        Output(T.Load(m), T.Load(m + step), T.Load(m + (2 * step)), T.Load(m + (3 * step)), T.Load(m + (4 * step)), last, bias, out y0, out y1, out y2, out y3);
        if (positions > 6)
        {
            T half = T.Load(m + (6 * step));
            y0 += half;
            y1 = T.MultiplyAdd(T.Broadcast(0.5f), half, y1);
            y2 = T.MultiplyAdd(T.Broadcast(0.25f), half, y2);
            y3 = T.MultiplyAdd(T.Broadcast(0.125f), half, y3);
        }
    }

    /// <summary>The same of six positions.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Output<T>(T zero, T infinity, T plus, T minus, T twice, T minusTwice, T bias, out T y0, out T y1, out T y2, out T y3)
        where T : struct, ILanes<T>
    {
        // All four take the sum at 1 as it is, and so the bias.
        plus = bias + plus;
        T near = plus + minus;
        T nearOdd = plus - minus;
        T far = twice + minusTwice;
        T farOdd = twice - minusTwice;
        y0 = zero + near + far;
        y1 = T.MultiplyAdd(T.Broadcast(2), farOdd, nearOdd);
        y2 = T.MultiplyAdd(T.Broadcast(4), far, near);
        y3 = infinity + T.MultiplyAdd(T.Broadcast(8), farOdd, nearOdd);
    }

    // Powers of the point, over what M(x) / (x − p) is there; of ∞, the last weight.
    private static IEnumerable<double> Weight(int taps, int position)
    {
        double[] points = Points[..Positions(taps)].ToArray();
        double point = points[position];
        double others = points.Where(other => other != point && !double.IsInfinity(other)).Aggregate(1.0, (product, other) => product * (point - other));
        return Enumerable.Range(0, taps).Select(tap => double.IsInfinity(point) ? (tap == taps - 1 ? 1.0 : 0) : Math.Pow(point, tap) / others);
    }

    private static float[] Input(int taps)
    {
        int positions = Positions(taps);
        double[] points = Points[..positions].ToArray();
        return [.. points.SelectMany(p => Product(points.Where(other => other != p && !double.IsInfinity(other)), positions)).Select(c => (float)c)];
    }

    // The coefficients of Π(x − p).
    private static double[] Product(IEnumerable<double> points, int count)
    {
        double[] product = new double[count];
        product[0] = 1;
        foreach (double point in points)
        {
            for (int i = count - 1; i >= 0; i--)
            {
                product[i] = (i > 0 ? product[i - 1] : 0) - (point * product[i]);
            }
        }

        return product;
    }
}
