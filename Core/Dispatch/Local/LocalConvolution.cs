using Fovea.Core.Kernels.Local;
using Fovea.Core.Shapes;

namespace Fovea.Core.Dispatch;

/// <summary>
/// A convolution whose weights are not shared, over plain images. Forward and dx are cut by images, dw by places, so that
/// no two chunks write to one number.
/// </summary>
/// <param name="Shape">The sizes; without groups.</param>
public readonly unsafe record struct LocalConvolution(ConvShape Shape)
{
    /// <summary>Floats of scratch of each worker.</summary>
    public long ScratchFloats => LocalKernel.ScratchFloats(Shape);

    private int Outputs => Shape.K * Shape.P * Shape.Q;

    private int Inputs => Shape.C * Shape.H * Shape.W;

    /// <summary>y; b may be null.</summary>
    public void Forward(float* x, float* w, float* b, float* y, float* scratch, Workers workers)
    {
        ForwardJob job = new() { Of = this, X = x, W = w, B = b, Y = y, Scratch = scratch };
        workers.Run(ref job, Shape.N);
    }

    /// <summary>dx.</summary>
    public void BackwardInput(float* dy, float* w, float* dx, float* scratch, Workers workers)
    {
        InputJob job = new() { Of = this, Dy = dy, W = w, Dx = dx, Scratch = scratch };
        workers.Run(ref job, Shape.N);
    }

    /// <summary>dw, and db unless it is null.</summary>
    public void BackwardWeights(float* x, float* dy, float* dw, float* db, float* scratch, Workers workers)
    {
        if (Shape.N == 0)
        {
            new Span<float>(dw, Outputs * LocalKernel.ScratchFloats(Shape)).Clear();
            new Span<float>(db, db == null ? 0 : Outputs).Clear();
        }

        WeightsJob job = new() { Of = this, X = x, Dy = dy, Dw = dw, Db = db, Scratch = scratch };
        workers.Run(ref job, Shape.P * Shape.Q);
    }

    private Span<float> Patch(float* scratch, int worker) => new(scratch + (worker * ScratchFloats), LocalKernel.ScratchFloats(Shape));

    private Span<float> Weights(float* w) => new(w, Outputs * LocalKernel.ScratchFloats(Shape));

    private struct ForwardJob : IJob
    {
        public LocalConvolution Of;
        public float* X;
        public float* W;
        public float* B;
        public float* Y;
        public float* Scratch;

        public readonly void Run(int chunk, int worker) =>
            LocalKernel.Forward(
                Of.Shape,
                new(X + ((long)chunk * Of.Inputs), Of.Inputs),
                Of.Weights(W),
                new(B, B == null ? 0 : Of.Outputs),
                new(Y + ((long)chunk * Of.Outputs), Of.Outputs),
                Of.Patch(Scratch, worker));
    }

    private struct InputJob : IJob
    {
        public LocalConvolution Of;
        public float* Dy;
        public float* W;
        public float* Dx;
        public float* Scratch;

        public readonly void Run(int chunk, int worker) =>
            LocalKernel.BackwardInput(
                Of.Shape,
                new(Dy + ((long)chunk * Of.Outputs), Of.Outputs),
                Of.Weights(W),
                new(Dx + ((long)chunk * Of.Inputs), Of.Inputs),
                Of.Patch(Scratch, worker));
    }

    private struct WeightsJob : IJob
    {
        public LocalConvolution Of;
        public float* X;
        public float* Dy;
        public float* Dw;
        public float* Db;
        public float* Scratch;

        public readonly void Run(int chunk, int worker) =>
            LocalKernel.BackwardWeights(
                Of.Shape,
                chunk,
                new(X, Of.Shape.N * Of.Inputs),
                new(Dy, Of.Shape.N * Of.Outputs),
                Of.Weights(Dw),
                new(Db, Db == null ? 0 : Of.Outputs),
                Of.Patch(Scratch, worker));
    }
}
