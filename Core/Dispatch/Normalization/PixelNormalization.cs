using Fovea.Core.Kernels.Channels;
using Fovea.Core.Shapes;

namespace Fovea.Core.Dispatch;

// scratch   3 × pixels
// shared    N × 2 × C: both sums of every image

/// <summary>
/// Layer norm over the channels of each pixel of plain images. Images are normalised apart; the weights' gradients are added
/// image after image in double precision.
/// </summary>
public sealed unsafe class PixelNormalization : ImageNormalization
{
    /// <inheritdoc/>
    public override string Name => "pixels";

    /// <inheritdoc/>
    public override bool Accepts(in ImageNormShape s, Layout layout) => layout == Layout.Plain && s.Pixels > 1 && s.Groups == NormShape.OfChannels(s.C, s.Pixels);

    /// <inheritdoc/>
    public override long ScratchFloats(in ImageNormShape s) => 3L * s.Pixels;

    /// <inheritdoc/>
    public override long SharedFloats(in ImageNormShape s) => 2L * s.N * s.C;

    /// <inheritdoc/>
    public override void Forward(in ImageNormShape s, Layout layout, double epsilon, float* x, float* scale, float* shift, float* y, float* mean, float* variance, float* scratch, Workers workers)
    {
        ForwardJob job = new() { Images = new(s.N, s.C, s.Pixels, layout), Epsilon = epsilon, X = x, Scale = scale, Shift = shift, Y = y, Mean = mean, Variance = variance, Scratch = scratch };
        workers.Run(ref job, s.N);
    }

    /// <inheritdoc/>
    public override void Backward(in ImageNormShape s, Layout layout, double epsilon, float* dy, float* x, float* scale, float* mean, float* variance, float* dx, float* dscale, float* dshift, float* shared, float* scratch, Workers workers)
    {
        BackwardJob job = new() { Images = new(s.N, s.C, s.Pixels, layout), Epsilon = epsilon, X = x, Scale = scale, Dy = dy, Dx = dx, Mean = mean, Variance = variance, Partial = shared, Scratch = scratch };
        workers.Run(ref job, s.N);
        for (int c = 0; c < (dscale == null ? 0 : s.C); c++)
        {
            double slope = 0, term = 0;
            for (int n = 0; n < s.N; n++)
            {
                term += shared[(2L * n * s.C) + c];
                slope += shared[(((2L * n) + 1) * s.C) + c];
            }

            dscale[c] = (float)slope;
            dshift[c] = (float)term;
        }
    }

    private static void Invert(float* variance, double epsilon, int pixels, float* inverse)
    {
        for (int i = 0; i < pixels; i++)
        {
            inverse[i] = (float)(1 / Math.Sqrt(variance[i] + epsilon));
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
        public float* Variance;
        public float* Scratch;

        public readonly void Run(int chunk, int worker)
        {
            int pixels = Images.Pixels;
            float* x = X + (chunk * Images.ImageFloats), y = Y + (chunk * Images.ImageFloats);
            float* mean = Mean + ((long)chunk * pixels), variance = Variance + ((long)chunk * pixels), inverse = Scratch + (3L * worker * pixels);
            PixelNormKernel.Moments(x, Images.C, pixels, mean, variance);
            Invert(variance, Epsilon, pixels, inverse);
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
        public double Epsilon;
        public float* X;
        public float* Scale;
        public float* Dy;
        public float* Dx;
        public float* Mean;
        public float* Variance;
        public float* Partial;
        public float* Scratch;

        public readonly void Run(int chunk, int worker)
        {
            int pixels = Images.Pixels;
            float* x = X + (chunk * Images.ImageFloats), dy = Dy + (chunk * Images.ImageFloats);
            float* mean = Mean + ((long)chunk * pixels);
            float* slope = Scratch + (3L * worker * pixels), term = slope + pixels, inverse = term + pixels;
            float* sums = Partial + (2L * chunk * Images.C), products = sums + Images.C;
            new Span<float>(slope, 2 * pixels).Clear();
            Invert(Variance + ((long)chunk * pixels), Epsilon, pixels, inverse);
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
