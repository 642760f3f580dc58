using Fovea.Core.Kernels.Pooling;
using Fovea.Core.Shapes;

namespace Fovea.Core.Dispatch;

/// <summary>Enlarging of images by the nearest pixel, in either layout.</summary>
/// <param name="Channels">C.</param>
/// <param name="Rows">Which row each of the output's copies.</param>
/// <param name="Columns">Which column.</param>
/// <param name="Layout">The layout.</param>
public readonly unsafe record struct Upsampling(int Channels, AdaptiveWindow Rows, AdaptiveWindow Columns, Layout Layout)
{
    private int Unit => Layout == Layout.Blocked ? Blocks.Width : 1;

    private int Planes => Layout == Layout.Blocked ? Blocks.Of(Channels) : Channels;

    /// <summary>y; every element is written.</summary>
    public void Forward(int images, float* x, float* y, Workers workers)
    {
        Job job = new() { Upsampling = this, Small = x, Large = y };
        workers.Run(ref job, images * Planes);
    }

    /// <summary>dx; every element is written.</summary>
    public void Backward(int images, float* dy, float* dx, Workers workers)
    {
        Job job = new() { Upsampling = this, Small = dx, Large = dy, IsBackward = true };
        workers.Run(ref job, images * Planes);
    }

    private struct Job : IJob
    {
        public Upsampling Upsampling;
        public float* Small;
        public float* Large;
        public bool IsBackward;

        public readonly void Run(int chunk, int worker)
        {
            AdaptiveWindow rows = Upsampling.Rows, columns = Upsampling.Columns;
            int unit = Upsampling.Unit;
            float* small = Small + ((long)chunk * rows.Length * columns.Length * unit);
            float* large = Large + ((long)chunk * rows.Outputs * columns.Outputs * unit);
            if (IsBackward)
            {
                UpsamplingKernel.Backward(rows, columns, unit, large, small);
            }
            else
            {
                UpsamplingKernel.Forward(rows, columns, unit, small, large);
            }
        }
    }
}
