using Fovea.Core.Kernels.Channels;
using Fovea.Core.Shapes;

namespace Fovea.Core.Dispatch;

/// <summary>
/// Layer norm over an image's last axes: plain runs of neighbouring elements, with a weight for each. Runs are normalised
/// apart; the weights' gradients are added run after run in double precision.
/// </summary>
public sealed unsafe class RowNormalization : ImageNormalization
{
    // Elements of a run whose weights' gradients one worker sums over all runs.
    private const int ChunkElements = 256;

    /// <inheritdoc/>
    public override string Name => "rows";

    /// <inheritdoc/>
    public override bool Accepts(in ImageNormShape s, Layout layout) =>
        layout == Layout.Plain && s.Groups == NormShape.OfLastAxes(s.Groups.Elements, s.Groups.Length);

    /// <inheritdoc/>
    public override long ScratchFloats(in ImageNormShape s) => 0;

    /// <inheritdoc/>
    public override long SharedFloats(in ImageNormShape s) => 0;

    /// <inheritdoc/>
    public override void Forward(in ImageNormShape s, Layout layout, double epsilon, float* x, float* scale, float* shift, float* y, float* mean, float* variance, float* scratch, Workers workers)
    {
        (long runs, int length) = ((long)s.N * s.Groups.Outer, s.Groups.Length);
        ForwardJob job = new() { Runs = runs, Length = length, Epsilon = epsilon, X = x, Scale = scale, Shift = shift, Y = y, Mean = mean, Variance = variance };
        workers.Run(ref job, Chunks(runs, length));
    }

    /// <inheritdoc/>
    public override void Backward(in ImageNormShape s, Layout layout, double epsilon, float* dy, float* x, float* scale, float* mean, float* variance, float* dx, float* dscale, float* dshift, float* shared, float* scratch, Workers workers)
    {
        (long runs, int length) = ((long)s.N * s.Groups.Outer, s.Groups.Length);
        if (dscale != null)
        {
            WeightJob job = new() { Runs = runs, Length = length, Epsilon = epsilon, X = x, Dy = dy, Mean = mean, Variance = variance, Dscale = dscale, Dshift = dshift };
            workers.Run(ref job, (length + ChunkElements - 1) / ChunkElements);
        }

        if (dx != null)
        {
            GradientJob job = new() { Runs = runs, Length = length, Epsilon = epsilon, X = x, Scale = scale, Dy = dy, Dx = dx, Mean = mean, Variance = variance };
            workers.Run(ref job, Chunks(runs, length));
        }
    }

    private static float Inverse(float variance, double epsilon) => (float)(1 / Math.Sqrt(variance + epsilon));

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
        public float* Variance;

        public readonly void Run(int chunk, int worker)
        {
            long first = chunk * RunsOfAChunk(Length);
            for (long run = first; run < Math.Min(Runs, first + RunsOfAChunk(Length)); run++)
            {
                (float sum, float squares) = MomentKernel.OfPlane(X + (run * Length), Length);
                Mean[run] = sum / Length;
                Variance[run] = squares / Length;
                RowNormKernel.Normalize(X + (run * Length), Y + (run * Length), Length, Mean[run], Inverse(Variance[run], Epsilon), Scale, Shift);
            }
        }
    }

    private struct GradientJob : IJob
    {
        public long Runs;
        public int Length;
        public double Epsilon;
        public float* X;
        public float* Scale;
        public float* Dy;
        public float* Dx;
        public float* Mean;
        public float* Variance;

        public readonly void Run(int chunk, int worker)
        {
            long first = chunk * RunsOfAChunk(Length);
            for (long run = first; run < Math.Min(Runs, first + RunsOfAChunk(Length)); run++)
            {
                float* x = X + (run * Length), dy = Dy + (run * Length);
                (float sum, float products) = RowNormKernel.Gradients(dy, x, Length, Mean[run], Scale);
                float own = Inverse(Variance[run], Epsilon);
                double inverse = own;
                float slope = (float)(-inverse * inverse * inverse * products / Length), term = (float)(-inverse * sum / Length);
                RowNormKernel.InputGradient(dy, x, Dx + (run * Length), Length, Mean[run], own, slope, term, Scale);
            }
        }
    }

    private struct WeightJob : IJob
    {
        public long Runs;
        public int Length;
        public double Epsilon;
        public float* X;
        public float* Dy;
        public float* Mean;
        public float* Variance;
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
                RowNormKernel.AddWeightGradients(Dy + at, X + at, count, Mean[run], Inverse(Variance[run], Epsilon), scale, shift);
            }

            for (int i = 0; i < count; i++)
            {
                Dscale[from + i] = (float)scale[i];
                Dshift[from + i] = (float)shift[i];
            }
        }
    }
}
