using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using Fovea.Core.Dispatch;

namespace Fovea.Core.Training;

/// <summary>The two matrix products of Newton–Schulz, row-major, a row of the result being a chunk of work.</summary>
internal static class Products
{
    /// <summary>c = a·b: a rows×inner, b inner×columns.</summary>
    public static void Multiply(float[] a, float[] b, int rows, int inner, int columns, float[] c, Workers workers)
    {
        MultiplyJob job = new() { A = a, B = b, C = c, Inner = inner, Columns = columns };
        workers.Run(ref job, rows);
    }

    /// <summary>c = a·aᵀ: a rows×inner.</summary>
    public static void Gram(float[] a, int rows, int inner, float[] c, Workers workers)
    {
        GramJob job = new() { A = a, C = c, Rows = rows, Inner = inner };
        workers.Run(ref job, rows);
    }

    private static float Dot(ReadOnlySpan<float> a, ReadOnlySpan<float> b)
    {
        ReadOnlySpan<Vector512<float>> a16 = MemoryMarshal.Cast<float, Vector512<float>>(a);
        ReadOnlySpan<Vector512<float>> b16 = MemoryMarshal.Cast<float, Vector512<float>>(b);
        Vector512<float> even = default, odd = default;
        int i = 0;
        for (; i + 1 < a16.Length; i += 2)
        {
            even += a16[i] * b16[i];
            odd += a16[i + 1] * b16[i + 1];
        }

        float sum = 0;
        for (i *= 16; i < a.Length; i++)
        {
            sum += a[i] * b[i];
        }

        return Vector512.Sum(even + odd) + sum;
    }

    private struct GramJob : IJob
    {
        public float[] A;
        public float[] C;
        public int Rows;
        public int Inner;

        public readonly void Run(int chunk, int worker)
        {
            // Half of a symmetric matrix; each worker writes both places of the pairs that it owns.
            ReadOnlySpan<float> row = A.AsSpan(chunk * Inner, Inner);
            for (int other = 0; other <= chunk; other++)
            {
                float dot = Dot(row, A.AsSpan(other * Inner, Inner));
                C[(chunk * Rows) + other] = dot;
                C[(other * Rows) + chunk] = dot;
            }
        }
    }

    private struct MultiplyJob : IJob
    {
        public float[] A;
        public float[] B;
        public float[] C;
        public int Inner;
        public int Columns;

        public readonly void Run(int chunk, int worker)
        {
            Span<float> row = C.AsSpan(chunk * Columns, Columns);
            row.Clear();
            for (int k = 0; k < Inner; k++)
            {
                Add(A[(chunk * Inner) + k], B.AsSpan(k * Columns, Columns), row);
            }
        }

        private static void Add(float factor, ReadOnlySpan<float> x, Span<float> y)
        {
            ReadOnlySpan<Vector512<float>> x16 = MemoryMarshal.Cast<float, Vector512<float>>(x);
            Span<Vector512<float>> y16 = MemoryMarshal.Cast<float, Vector512<float>>(y);
            for (int i = 0; i < x16.Length; i++)
            {
                y16[i] += factor * x16[i];
            }

            for (int i = x16.Length * 16; i < x.Length; i++)
            {
                y[i] += factor * x[i];
            }
        }
    }
}
