using Fovea.Core.Kernels.Channels;

namespace Fovea.Core.Dispatch;

/// <summary>Sums and copies of runs of floats.</summary>
public static unsafe class Elementwise
{
    private const int ChunkElements = 32 * 1024;
    private const int SumElements = 4 * 1024;

    /// <summary>y[i] = a[i] + b[i]; y may be either.</summary>
    public static void Add(float* a, float* b, float* y, long count, Workers workers)
    {
        Job job = new() { A = a, B = b, Y = y, Count = count };
        workers.Run(ref job, (int)((count + ChunkElements - 1) / ChunkElements));
    }

    /// <summary>y[i] = the sum of parts[i], parts[stride + i], parts[2·stride + i], ..., in this order: 0 where there are no parts.</summary>
    public static void Sum(float* parts, long stride, int count, float* y, long floats, Workers workers)
    {
        SumJob job = new() { Parts = parts, Stride = stride, Count = count, Y = y, Floats = floats };
        workers.Run(ref job, (int)((floats + SumElements - 1) / SumElements));
    }

    /// <summary>y[i] = x[i].</summary>
    public static void Copy(float* x, float* y, long count, Workers workers)
    {
        Job job = new() { A = x, Y = y, Count = count };
        workers.Run(ref job, (int)((count + ChunkElements - 1) / ChunkElements));
    }

    private struct SumJob : IJob
    {
        public float* Parts;
        public long Stride;
        public int Count;
        public float* Y;
        public long Floats;

        public readonly void Run(int chunk, int worker)
        {
            long from = (long)chunk * SumElements;
            ElementwiseKernel.Sum(Parts + from, Stride, Count, Y + from, Math.Min(SumElements, Floats - from));
        }
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
