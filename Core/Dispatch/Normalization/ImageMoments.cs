using System.Runtime.Intrinsics;
using Fovea.Core.Kernels.Channels;
using Fovea.Core.Shapes;

namespace Fovea.Core.Dispatch;

// mean, factor, slope, term, sums, ...   a float for each channel, in whole blocks

/// <summary>What normalisations do to one image of a batch, in either layout: sums along its channels, and affine maps of them.</summary>
internal static unsafe class ImageMoments
{
    /// <summary>Each channel's Σ x, and Σ (x − its own mean)².</summary>
    public static void Of(ImageBatch images, float* x, float* sums, float* squares)
    {
        for (int c = 0; c < images.C; c += Step(images))
        {
            float* at = x + ((long)c * images.Pixels);
            if (images.Layout == Layout.Blocked)
            {
                MomentKernel.OfBlock(at, images.Pixels, sums + c, squares + c);
            }
            else
            {
                (sums[c], squares[c]) = MomentKernel.OfPlane(at, images.Pixels);
            }
        }
    }

    /// <summary>Each channel's Σ dy and Σ dy·(x − mean).</summary>
    public static void Gradients(ImageBatch images, float* dy, float* x, float* mean, float* sums, float* products)
    {
        for (int c = 0; c < images.C; c += Step(images))
        {
            long at = (long)c * images.Pixels;
            if (images.Layout == Layout.Blocked)
            {
                MomentKernel.GradientsOfBlock(dy + at, x + at, images.Pixels, Vector512.Load(mean + c), sums + c, products + c);
            }
            else
            {
                (sums[c], products[c]) = MomentKernel.GradientsOfPlane(dy + at, x + at, images.Pixels, mean[c]);
            }
        }
    }

    /// <summary>y = (x − mean)·factor + term.</summary>
    public static void Normalize(ImageBatch images, float* x, float* mean, float* factor, float* term, float* y)
    {
        for (int c = 0; c < images.C; c += Step(images))
        {
            long at = (long)c * images.Pixels;
            if (images.Layout == Layout.Blocked)
            {
                MomentKernel.NormalizeBlock(x + at, y + at, images.Pixels, Vector512.Load(mean + c), Vector512.Load(factor + c), Vector512.Load(term + c));
            }
            else
            {
                MomentKernel.NormalizePlane(x + at, y + at, images.Pixels, mean[c], factor[c], term[c]);
            }
        }
    }

    /// <summary>dx = dy·factor + (x − mean)·slope + term.</summary>
    public static void InputGradient(ImageBatch images, float* dy, float* x, float* mean, float* factor, float* slope, float* term, float* dx)
    {
        for (int c = 0; c < images.C; c += Step(images))
        {
            long at = (long)c * images.Pixels;
            if (images.Layout == Layout.Blocked)
            {
                MomentKernel.BackwardBlock(dy + at, x + at, dx + at, images.Pixels, Vector512.Load(mean + c), Vector512.Load(factor + c), Vector512.Load(slope + c), Vector512.Load(term + c));
            }
            else
            {
                MomentKernel.BackwardPlane(dy + at, x + at, dx + at, images.Pixels, mean[c], factor[c], slope[c], term[c]);
            }
        }
    }

    private static int Step(ImageBatch images) => images.Layout == Layout.Blocked ? Blocks.Width : 1;
}
