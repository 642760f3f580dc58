using Fovea.Core.Kernels.Naive;
using Fovea.Core.Shapes;

namespace Fovea.Core.Dispatch;

/// <summary>Pooling of plain images to a given size, an image at a time.</summary>
/// <param name="Channels">C.</param>
/// <param name="Rows">The windows along the height.</param>
/// <param name="Columns">The windows along the width.</param>
/// <param name="Max">Whether the maximum is wanted, not the mean.</param>
public readonly unsafe record struct AdaptivePooling(int Channels, AdaptiveWindow Rows, AdaptiveWindow Columns, bool Max)
{
    /// <summary>y; every element is written.</summary>
    public void Forward(int images, float* x, float* y, Workers workers)
    {
        Job job = new() { Pooling = this, X = x, Y = y };
        workers.Run(ref job, images);
    }

    /// <summary>dx; every element is written. The mean does not read x.</summary>
    public void Backward(int images, float* x, float* dy, float* dx, Workers workers)
    {
        Job job = new() { Pooling = this, X = x, Y = dy, Dx = dx };
        workers.Run(ref job, images);
    }

    private struct Job : IJob
    {
        public AdaptivePooling Pooling;
        public float* X;
        public float* Y;
        public float* Dx;

        public readonly void Run(int chunk, int worker)
        {
            AdaptivePooling p = Pooling;
            int input = p.Channels * p.Rows.Length * p.Columns.Length, output = p.Channels * p.Rows.Outputs * p.Columns.Outputs;
            Span<float> x = new(X + ((long)chunk * input), input), y = new(Y + ((long)chunk * output), output);
            if (Dx == null)
            {
                NaiveAdaptive.PoolForward<float>(p.Max, p.Channels, p.Rows, p.Columns, x, y);
            }
            else
            {
                NaiveAdaptive.PoolBackward<float>(p.Max, p.Channels, p.Rows, p.Columns, x, y, new(Dx + ((long)chunk * input), input));
            }
        }
    }
}
