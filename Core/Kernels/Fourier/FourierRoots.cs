using System.Collections.Concurrent;

namespace Fovea.Core.Kernels;

/// <summary>Lengths that Fourier transforms are quick over, and their roots of unity.</summary>
internal static unsafe class FourierRoots
{
    // One table a length for the life of the process: some hundred floats, made when the length is first met.
    private static readonly ConcurrentDictionary<int, float[]> Tables = new();

    /// <summary>The smallest length, this or more, that is a product of 2, 3 and 5.</summary>
    public static int Length(int least)
    {
        for (int length = least; ; length++)
        {
            int rest = length;
            while (rest > 1 && Radix(rest) is var radix && rest % radix == 0)
            {
                rest /= radix;
            }

            if (rest == 1)
            {
                return length;
            }
        }
    }

    /// <summary>The factor that is split off next: 4, 2, 3 or 5.</summary>
    public static int Radix(int length) => length % 4 == 0 ? 4 : length % 2 == 0 ? 2 : length % 3 == 0 ? 3 : 5;

    /// <summary>cos and −sin of 2πj / length, one after the other, for every j.</summary>
    public static float* Of(int length)
    {
        float[] table = Tables.GetOrAdd(length, static n =>
        {
            float[] roots = GC.AllocateUninitializedArray<float>(2 * n, pinned: true);
            for (int j = 0; j < n; j++)
            {
                (double sine, double cosine) = Math.SinCos(2 * Math.PI * j / n);
                roots[2 * j] = (float)cosine;
                roots[(2 * j) + 1] = (float)-sine;
            }

            return roots;
        });
        fixed (float* roots = table)
        {
            return roots;
        }
    }
}
