using Fovea.Core.Kernels.Naive;
using Fovea.Core.Shapes;

namespace Fovea.Core.Dispatch;

/// <summary>Pooling by the p-norm by its definition: the end of the table, and the twin of the entries before it.</summary>
public sealed unsafe class NaiveLpPoolingAlgorithm : LpPooling
{
    /// <inheritdoc/>
    public override string Name => "naive";

    /// <inheritdoc/>
    public override Layout Layout => Layout.Plain;

    /// <inheritdoc/>
    public override bool Accepts(in PoolShape s) => true;

    /// <inheritdoc/>
    public override void Forward(in PoolShape s, double norm, float* x, float* y, Workers workers)
    {
        Job job = new() { Shape = s.WithBatch(1), Norm = (float)norm, X = x, Y = y };
        workers.Run(ref job, s.N);
    }

    /// <inheritdoc/>
    public override void Backward(in PoolShape s, double norm, float* x, float* y, float* dy, float* dx, Workers workers)
    {
        Job job = new() { Shape = s.WithBatch(1), Norm = (float)norm, X = x, Y = y, Dy = dy, Dx = dx };
        workers.Run(ref job, s.N);
    }

    private struct Job : IJob
    {
        public PoolShape Shape;
        public float Norm;
        public float* X;
        public float* Y;
        public float* Dy;
        public float* Dx;

        public readonly void Run(int chunk, int worker)
        {
            int input = Shape.C * Shape.H * Shape.W, output = Shape.C * Shape.P * Shape.Q;
            Span<float> x = new(X + ((long)chunk * input), input), y = new(Y + ((long)chunk * output), output);
            if (Dx == null)
            {
                NaiveLpPooling.Forward(Shape, Norm, x, y);
            }
            else
            {
                NaiveLpPooling.Backward<float>(Shape, Norm, x, y, new(Dy + ((long)chunk * output), output), new(Dx + ((long)chunk * input), input));
            }
        }
    }
}
