using Fovea.Core.Kernels.Local;
using Fovea.Core.Shapes;

namespace Fovea.Core.Dispatch;

/// <summary>
/// A convolution without shared weights by <see cref="LocalKernel"/>, patch by patch. Forward and dx are cut by images, dw
/// by places, so that no two chunks write to one number.
/// </summary>
public sealed unsafe class PatchLocalConvolution : LocalConvolution
{
    /// <inheritdoc/>
    public override string Name => "patches";

    /// <inheritdoc/>
    public override bool Accepts(in ConvShape s) => true;

    /// <inheritdoc/>
    public override long ScratchFloats(in ConvShape s) => LocalKernel.ScratchFloats(s);

    /// <inheritdoc/>
    public override void Forward(in ConvShape s, float* x, float* w, float* b, float* y, float* scratch, Workers workers)
    {
        ForwardJob job = new() { Shape = s, X = x, W = w, B = b, Y = y, Scratch = scratch };
        workers.Run(ref job, s.N);
    }

    /// <inheritdoc/>
    public override void BackwardInput(in ConvShape s, float* dy, float* w, float* dx, float* scratch, Workers workers)
    {
        InputJob job = new() { Shape = s, Dy = dy, W = w, Dx = dx, Scratch = scratch };
        workers.Run(ref job, s.N);
    }

    /// <inheritdoc/>
    public override void BackwardWeights(in ConvShape s, float* x, float* dy, float* dw, float* db, float* scratch, Workers workers)
    {
        if (s.N == 0)
        {
            Weights(s, dw).Clear();
            new Span<float>(db, db == null ? 0 : Outputs(s)).Clear();
        }

        WeightsJob job = new() { Shape = s, X = x, Dy = dy, Dw = dw, Db = db, Scratch = scratch };
        workers.Run(ref job, s.P * s.Q);
    }

    private static Span<float> Patch(in ConvShape s, float* scratch, int worker) => new(scratch + ((long)worker * Taps(s)), Taps(s));

    private struct ForwardJob : IJob
    {
        public ConvShape Shape;
        public float* X;
        public float* W;
        public float* B;
        public float* Y;
        public float* Scratch;

        public readonly void Run(int chunk, int worker) =>
            LocalKernel.Forward(
                Shape,
                new(X + ((long)chunk * Inputs(Shape)), Inputs(Shape)),
                Weights(Shape, W),
                new(B, B == null ? 0 : Outputs(Shape)),
                new(Y + ((long)chunk * Outputs(Shape)), Outputs(Shape)),
                Patch(Shape, Scratch, worker));
    }

    private struct InputJob : IJob
    {
        public ConvShape Shape;
        public float* Dy;
        public float* W;
        public float* Dx;
        public float* Scratch;

        public readonly void Run(int chunk, int worker) =>
            LocalKernel.BackwardInput(
                Shape,
                new(Dy + ((long)chunk * Outputs(Shape)), Outputs(Shape)),
                Weights(Shape, W),
                new(Dx + ((long)chunk * Inputs(Shape)), Inputs(Shape)),
                Patch(Shape, Scratch, worker));
    }

    private struct WeightsJob : IJob
    {
        public ConvShape Shape;
        public float* X;
        public float* Dy;
        public float* Dw;
        public float* Db;
        public float* Scratch;

        public readonly void Run(int chunk, int worker) =>
            LocalKernel.BackwardWeights(
                Shape,
                chunk,
                new(X, Shape.N * Inputs(Shape)),
                new(Dy, Shape.N * Outputs(Shape)),
                Weights(Shape, Dw),
                new(Db, Db == null ? 0 : Outputs(Shape)),
                Patch(Shape, Scratch, worker));
    }
}
