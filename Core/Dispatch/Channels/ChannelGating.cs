using System.Runtime.Intrinsics;
using Fovea.Core.Kernels.Channels;
using Fovea.Core.Shapes;

namespace Fovea.Core.Dispatch;

/// <summary>Gates in either layout, an image a chunk: a channel's pixels at a time, or those of sixteen.</summary>
public sealed unsafe class ChannelGating : Gating
{
    /// <inheritdoc/>
    public override string Name => "channels";

    /// <inheritdoc/>
    public override bool Accepts(Layout layout) => true;

    /// <inheritdoc/>
    public override void Forward(ImageBatch images, float* x, float* s, float* y, Workers workers)
    {
        Job job = new() { Images = images, X = x, S = s, Y = y };
        workers.Run(ref job, images.N);
    }

    /// <inheritdoc/>
    public override void BackwardFactors(ImageBatch images, float* dy, float* x, float* ds, Workers workers)
    {
        Job job = new() { Images = images, X = x, S = ds, Dy = dy };
        workers.Run(ref job, images.N);
    }

    private struct Job : IJob
    {
        public ImageBatch Images;
        public float* X;
        public float* S;
        public float* Y;
        public float* Dy;

        public readonly void Run(int chunk, int worker)
        {
            bool blocked = Images.Layout == Layout.Blocked;
            float* s = S + (chunk * Blocks.ImageFloats(Images.Layout, Images.C, 1));
            float* rest = stackalloc float[Blocks.Width];
            for (int c = 0; c < Images.C; c += blocked ? Blocks.Width : 1)
            {
                long at = (chunk * Images.ImageFloats) + ((long)c * Images.Pixels);
                if (Dy == null && blocked)
                {
                    ChannelKernel.AffineBlock(X + at, Y + at, Images.Pixels, Vector512.Load(s + c), Vector512<float>.Zero);
                }
                else if (Dy == null)
                {
                    ChannelKernel.AffinePlane(X + at, Y + at, Images.Pixels, s[c], 0);
                }
                else if (blocked)
                {
                    MomentKernel.GradientsOfBlock(Dy + at, X + at, Images.Pixels, Vector512<float>.Zero, rest, s + c);
                }
                else
                {
                    s[c] = MomentKernel.GradientsOfPlane(Dy + at, X + at, Images.Pixels, 0).Products;
                }
            }
        }
    }
}
