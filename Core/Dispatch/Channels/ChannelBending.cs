using System.Runtime.Intrinsics;
using Fovea.Core.Kernels.Activations;
using Fovea.Core.Shapes;

namespace Fovea.Core.Dispatch;

// partial   N × lanes, a float for each channel of each image

/// <summary>A leaky ReLU with slopes in either layout, an image a chunk: a channel's pixels at a time, or those of sixteen.</summary>
public sealed unsafe class ChannelBending : Bending
{
    /// <inheritdoc/>
    public override string Name => "channels";

    /// <inheritdoc/>
    public override bool Accepts(Layout layout) => true;

    /// <inheritdoc/>
    public override long SharedFloats(ImageBatch images) => (long)images.N * ChannelNormalization.Lanes(images.C);

    /// <inheritdoc/>
    public override void Run(ImageBatch images, float* x, float* v, float* slopes, int count, float* y, Workers workers)
    {
        Job job = new() { Images = images, X = x, V = v, Slopes = slopes, Count = count, Y = y };
        workers.Run(ref job, images.N);
    }

    /// <summary>Image after image, in double precision.</summary>
    public override void Gradient(ImageBatch images, float* x, float* dy, float* dslopes, int count, float* shared, Workers workers)
    {
        Job job = new() { Images = images, X = x, V = dy, Partial = shared };
        workers.Run(ref job, images.N);
        int lanes = ChannelNormalization.Lanes(images.C);
        for (int slope = 0; slope < count; slope++)
        {
            double sum = 0;
            for (int n = 0; n < images.N; n++)
            {
                for (int c = slope; c < images.C; c += count)
                {
                    sum += shared[((long)n * lanes) + c];
                }
            }

            dslopes[slope] = (float)sum;
        }
    }

    private struct Job : IJob
    {
        public ImageBatch Images;
        public float* X;
        public float* V;
        public float* Slopes;
        public int Count;
        public float* Y;
        public float* Partial;

        public readonly void Run(int chunk, int worker)
        {
            bool blocked = Images.Layout == Layout.Blocked;
            float* sums = Partial + ((long)chunk * ChannelNormalization.Lanes(Images.C));
            float* lanes = stackalloc float[Blocks.Width];
            for (int c = 0; c < Images.C; c += blocked ? Blocks.Width : 1)
            {
                long at = (chunk * Images.ImageFloats) + ((long)c * Images.Pixels);
                if (Partial != null && blocked)
                {
                    PreluKernel.SlopesOfBlock(X + at, V + at, Images.Pixels, sums + c);
                }
                else if (Partial != null)
                {
                    sums[c] = PreluKernel.SlopeOfPlane(X + at, V + at, Images.Pixels);
                }
                else if (blocked)
                {
                    for (int lane = 0; lane < Blocks.Width; lane++)
                    {
                        lanes[lane] = c + lane < Images.C ? Slopes[(c + lane) % Count] : 0;
                    }

                    PreluKernel.Block(X + at, V + at, Y + at, Images.Pixels, Vector512.Load(lanes));
                }
                else
                {
                    PreluKernel.Plane(X + at, V + at, Y + at, Images.Pixels, Slopes[c % Count]);
                }
            }
        }
    }
}
