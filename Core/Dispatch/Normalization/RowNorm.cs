using Fovea.Core.Kernels.Channels;

namespace Fovea.Core.Dispatch;

// x, y, dy, dx    N × runs × length, plain
// mean, inverse   N × runs
// weights         length each, or null

/// <summary>Layer normalisation over runs of neighbouring elements. Runs are normalised apart; the weights' gradients are added run after run.</summary>
public static unsafe class RowNorm
{
    // Elements of a run whose weights' gradients one worker sums over all runs.
    private const int ChunkElements = 256;

    /// <summary>y, and each run's mean and 1 / √(variance + ε).</summary>
    public static void Forward(long runs, int length, double epsilon, float* x, float* scale, float* shift, float* y, float* mean, float* inverse, Workers workers)
    {
        ForwardJob job = new() { Runs = runs, Length = length, Epsilon = epsilon, X = x, Scale = scale, Shift = shift, Y = y, Mean = mean, Inverse = inverse };
        workers.Run(ref job, Chunks(runs, length));
    }

    /// <summary>dx.</summary>
    public static void InputGradient(long runs, int length, float* dy, float* x, float* scale, float* mean, float* inverse, float* dx, Workers workers)
    {
        GradientJob job = new() { Runs = runs, Length = length, X = x, Scale = scale, Dy = dy, Dx = dx, Mean = mean, Inverse = inverse };
        workers.Run(ref job, Chunks(runs, length));
    }

    /// <summary>dscale = Σ dy·x̂ and dshift = Σ dy over the runs.</summary>
    public static void WeightGradients(long runs, int length, float* dy, float* x, float* mean, float* inverse, float* dscale, float* dshift, Workers workers)
    {
        WeightJob job = new() { Runs = runs, Length = length, X = x, Dy = dy, Mean = mean, Inverse = inverse, Dscale = dscale, Dshift = dshift };
        workers.Run(ref job, (length + ChunkElements - 1) / ChunkElements);
    }

    private static long RunsOfAChunk(int length) => Math.Max(1, 16 * 1024 / Math.Max(1, length));

    private static int Chunks(long runs, int length) => (int)((runs + RunsOfAChunk(length) - 1) / RunsOfAChunk(length));

    private struct ForwardJob : IJob
    {
        public long Runs;
        public int Length;
        public double Epsilon;
        public float* X;
        public float* Scale;
        public float* Shift;
        public float* Y;
        public float* Mean;
        public float* Inverse;

        public readonly void Run(int chunk, int worker)
        {
            long first = chunk * RunsOfAChunk(Length);
            for (long run = first; run < Math.Min(Runs, first + RunsOfAChunk(Length)); run++)
            {
                (float sum, float squares) = MomentKernel.OfPlane(X + (run * Length), Length);
                Mean[run] = sum / Length;
                Inverse[run] = (float)(1 / Math.Sqrt((squares / Length) + Epsilon));
                RowNormKernel.Normalize(X + (run * Length), Y + (run * Length), Length, Mean[run], Inverse[run], Scale, Shift);
            }
        }
    }

    private struct GradientJob : IJob
    {
        public long Runs;
        public int Length;
        public float* X;
        public float* Scale;
        public float* Dy;
        public float* Dx;
        public float* Mean;
        public float* Inverse;

        public readonly void Run(int chunk, int worker)
        {
            long first = chunk * RunsOfAChunk(Length);
            for (long run = first; run < Math.Min(Runs, first + RunsOfAChunk(Length)); run++)
            {
                float* x = X + (run * Length), dy = Dy + (run * Length);
                (float sum, float products) = RowNormKernel.Gradients(dy, x, Length, Mean[run], Scale);
                double inverse = Inverse[run];
                float slope = (float)(-inverse * inverse * inverse * products / Length), term = (float)(-inverse * sum / Length);
                RowNormKernel.InputGradient(dy, x, Dx + (run * Length), Length, Mean[run], Inverse[run], slope, term, Scale);
            }
        }
    }

    private struct WeightJob : IJob
    {
        public long Runs;
        public int Length;
        public float* X;
        public float* Dy;
        public float* Mean;
        public float* Inverse;
        public float* Dscale;
        public float* Dshift;

        public readonly void Run(int chunk, int worker)
        {
            double* scale = stackalloc double[ChunkElements], shift = stackalloc double[ChunkElements];
            int from = chunk * ChunkElements, count = Math.Min(ChunkElements, Length - from);
            new Span<double>(scale, count).Clear();
            new Span<double>(shift, count).Clear();
            for (long run = 0; run < Runs; run++)
            {
                long at = (run * Length) + from;
                RowNormKernel.AddWeightGradients(Dy + at, X + at, count, Mean[run], Inverse[run], scale, shift);
            }

            for (int i = 0; i < count; i++)
            {
                Dscale[from + i] = (float)scale[i];
                Dshift[from + i] = (float)shift[i];
            }
        }
    }
}
