using Fovea.Core.Kernels.Channels;

namespace Fovea.Core.Dispatch;

/// <summary>Sums and copies of runs of floats.</summary>
public static unsafe class Elementwise
{
    private const int ChunkElements = 32 * 1024;

    /// <summary>y[i] = a[i] + b[i]; y may be either.</summary>
    public static void Add(float* a, float* b, float* y, long count, Workers workers)
    {
        Job job = new() { A = a, B = b, Y = y, Count = count };
        workers.Run(ref job, (int)((count + ChunkElements - 1) / ChunkElements));
    }

    /// <summary>y[i] = x[i].</summary>
    public static void Copy(float* x, float* y, long count, Workers workers)
    {
        Job job = new() { A = x, Y = y, Count = count };
        workers.Run(ref job, (int)((count + ChunkElements - 1) / ChunkElements));
    }

    private struct Job : IJob
    {
        public float* A;
        public float* B;
        public float* Y;
        public long Count;

        public readonly void Run(int chunk, int worker)
        {
            long from = (long)chunk * ChunkElements, count = Math.Min(ChunkElements, Count - from);
            if (B == null)
            {
                Buffer.MemoryCopy(A + from, Y + from, count * sizeof(float), count * sizeof(float));
            }
            else
            {
                ElementwiseKernel.Add(A + from, B + from, Y + from, count);
            }
        }
    }
}
