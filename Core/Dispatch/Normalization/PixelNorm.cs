using Fovea.Core.Kernels.Channels;

namespace Fovea.Core.Dispatch;

// x, y, dy, dx    N × C × pixels, plain
// mean, inverse   N × pixels
// partial         N × 2 × C: both sums of every image
// scratch         2 × pixels for each worker

/// <summary>Normalisation of the channels of each pixel. The weights' gradients are added image after image in double precision.</summary>
public static unsafe class PixelNorm
{
    /// <summary>Floats of each worker's scratch in the backward pass.</summary>
    public static long ScratchFloats(int pixels) => 2L * pixels;

    /// <summary>Floats of the images' sums.</summary>
    public static long PartialFloats(ImageBatch images) => 2L * images.N * images.C;

    /// <summary>y, and each pixel's mean and 1 / √(variance + ε).</summary>
    public static void Forward(ImageBatch images, double epsilon, float* x, float* scale, float* shift, float* y, float* mean, float* inverse, Workers workers)
    {
        ForwardJob job = new() { Images = images, Epsilon = epsilon, X = x, Scale = scale, Shift = shift, Y = y, Mean = mean, Inverse = inverse };
        workers.Run(ref job, images.N);
    }

    /// <summary>dx (null where not wanted), and the images' sums for the weights' gradients.</summary>
    public static void Backward(ImageBatch images, float* dy, float* x, float* scale, float* mean, float* inverse, float* dx, float* partial, float* scratch, Workers workers)
    {
        BackwardJob job = new() { Images = images, X = x, Scale = scale, Dy = dy, Dx = dx, Mean = mean, Inverse = inverse, Partial = partial, Scratch = scratch };
        workers.Run(ref job, images.N);
    }

    /// <summary>The weights' gradients from the images' sums: Σ dy·x̂ and Σ dy.</summary>
    public static void WeightGradients(ImageBatch images, float* partial, float* dscale, float* dshift)
    {
        for (int c = 0; c < images.C; c++)
        {
            double scale = 0, shift = 0;
            for (int n = 0; n < images.N; n++)
            {
                shift += partial[(2L * n * images.C) + c];
                scale += partial[(((2L * n) + 1) * images.C) + c];
            }

            dscale[c] = (float)scale;
            dshift[c] = (float)shift;
        }
    }

    private struct ForwardJob : IJob
    {
        public ImageBatch Images;
        public double Epsilon;
        public float* X;
        public float* Scale;
        public float* Shift;
        public float* Y;
        public float* Mean;
        public float* Inverse;

        public readonly void Run(int chunk, int worker)
        {
            int pixels = Images.Pixels;
            float* x = X + (chunk * Images.ImageFloats), y = Y + (chunk * Images.ImageFloats);
            float* mean = Mean + ((long)chunk * pixels), inverse = Inverse + ((long)chunk * pixels);
            PixelNormKernel.Moments(x, Images.C, pixels, mean, inverse);
            for (int i = 0; i < pixels; i++)
            {
                inverse[i] = (float)(1 / Math.Sqrt(inverse[i] + Epsilon));
            }

            for (int c = 0; c < Images.C; c++)
            {
                long plane = (long)c * pixels;
                PixelNormKernel.Normalize(x + plane, y + plane, pixels, mean, inverse, Scale == null ? 1 : Scale[c], Shift == null ? 0 : Shift[c]);
            }
        }
    }

    private struct BackwardJob : IJob
    {
        public ImageBatch Images;
        public float* X;
        public float* Scale;
        public float* Dy;
        public float* Dx;
        public float* Mean;
        public float* Inverse;
        public float* Partial;
        public float* Scratch;

        public readonly void Run(int chunk, int worker)
        {
            int pixels = Images.Pixels;
            float* x = X + (chunk * Images.ImageFloats), dy = Dy + (chunk * Images.ImageFloats);
            float* mean = Mean + ((long)chunk * pixels), inverse = Inverse + ((long)chunk * pixels);
            float* slope = Scratch + (worker * ScratchFloats(pixels)), term = slope + pixels;
            float* sums = Partial + (2L * chunk * Images.C), products = sums + Images.C;
            new Span<float>(slope, 2 * pixels).Clear();
            for (int c = 0; c < Images.C; c++)
            {
                long plane = (long)c * pixels;
                (sums[c], products[c]) = PixelNormKernel.Gradients(dy + plane, x + plane, pixels, mean, inverse, Scale == null ? 1 : Scale[c], term, slope);
            }

            for (int i = 0; i < pixels; i++)
            {
                double own = inverse[i];
                slope[i] = (float)(-own * own * own * slope[i] / Images.C);
                term[i] = (float)(-own * term[i] / Images.C);
            }

            for (int c = 0; c < (Dx == null ? 0 : Images.C); c++)
            {
                long plane = (long)c * pixels;
                PixelNormKernel.InputGradient(dy + plane, x + plane, Dx + (chunk * Images.ImageFloats) + plane, pixels, mean, inverse, slope, term, Scale == null ? 1 : Scale[c]);
            }
        }
    }
}
