using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Fovea.Core.Training;

/// <summary>Σ x² in double precision, sixteen partial sums added up at the end: the order does not depend on the machine.</summary>
internal static class SquaredNorm
{
    public static double Of(ReadOnlySpan<float> x)
    {
        ReadOnlySpan<Vector512<float>> vectors = MemoryMarshal.Cast<float, Vector512<float>>(x);
        Vector512<double> lower = default, upper = default;
        foreach (Vector512<float> vector in vectors)
        {
            (Vector512<double> low, Vector512<double> high) = Vector512.Widen(vector);
            lower += low * low;
            upper += high * high;
        }

        double sum = 0;
        for (int lane = 0; lane < 8; lane++)
        {
            sum += lower[lane] + upper[lane];
        }

        foreach (float value in x[(vectors.Length * 16)..])
        {
            sum += (double)value * value;
        }

        return sum;
    }
}
