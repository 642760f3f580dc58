using Fovea.Core.Shapes;

namespace Fovea.Core.Dispatch;

// forward shared    factor | term | the images' sums
// backward shared   Σ dy | Σ dy·(x − mean) | factor | slope | term | the images' sums
// Every row but the sums has a float for each channel, in whole blocks; the sums are N × 2 × that.

/// <summary>
/// Batch normalisation in either layout, the channels of an image one after the other or sixteen at a time. Each image is
/// summed in float32; the images' sums are added in double precision and in their order, so that bits do not depend on the
/// workers.
/// </summary>
public sealed unsafe class ChannelNormalization : BatchNormalization
{
    /// <inheritdoc/>
    public override string Name => "channels";

    /// <summary>Floats of a row with one for each channel, in whole blocks.</summary>
    public static int Lanes(int channels) => Blocks.Of(channels) * Blocks.Width;

    /// <inheritdoc/>
    public override bool Accepts(Layout layout) => true;

    /// <inheritdoc/>
    public override long SharedFloats(ImageBatch images) => (5L + (2L * images.N)) * Lanes(images.C);

    /// <inheritdoc/>
    public override long ScratchFloats(ImageBatch images) => (images.ImageFloats + 15) / 16 * 16;

    /// <inheritdoc/>
    public override void Forward(ImageBatch images, bool ofBatch, double epsilon, Activation? activation, float* x, float* scale, float* shift, float* mean, float* variance, float* y, float* shared, Workers workers)
    {
        int lanes = Lanes(images.C);
        float* factor = shared, term = factor + lanes;
        if (ofBatch)
        {
            float* partial = term + lanes;
            SumJob sums = new() { Images = images, X = x, Partial = partial };
            workers.Run(ref sums, images.N);
            MeanJob means = new() { Images = images, Partial = partial, Mean = mean, Variance = variance };
            workers.Run(ref means, Blocks.Of(images.C));
        }

        new Span<float>(factor, 2 * lanes).Clear();
        for (int c = 0; c < images.C; c++)
        {
            factor[c] = (float)(1 / Math.Sqrt(variance[c] + epsilon)) * (scale == null ? 1 : scale[c]);
            term[c] = shift == null ? 0 : shift[c];
        }

        MapJob job = new() { Images = images, X = x, Mean = mean, Factor = factor, Term = term, Y = y, Activation = activation };
        workers.Run(ref job, images.N);
    }

    /// <inheritdoc/>
    public override void Backward(ImageBatch images, bool ofBatch, double epsilon, Activation? activation, float* y, float* dy, float* x, float* scale, float* shift, float* mean, float* variance, float* dx, float* dscale, float* dshift, float* shared, float* scratch, Workers workers)
    {
        int lanes = Lanes(images.C);
        float* sums = shared, products = sums + lanes, factor = products + lanes, slope = factor + lanes, term = slope + lanes;
        new Span<float>(sums, 5 * lanes).Clear();
        for (int c = 0; c < images.C; c++)
        {
            factor[c] = (float)(1 / Math.Sqrt(variance[c] + epsilon)) * (scale == null ? 1 : scale[c]);
            term[c] = shift == null ? 0 : shift[c];
        }

        if (ofBatch || dscale != null || activation is not null)
        {
            float* partial = term + lanes;
            SumJob parts = new() { Images = images, X = x, Dy = dy, Mean = mean, Partial = partial, Activation = activation, Y = y, Factor = factor, Term = term, Scratch = scratch, ScratchFloats = ScratchFloats(images) };
            workers.Run(ref parts, images.N);
            TotalJob totals = new() { Images = images, Partial = partial, Sums = sums, Products = products };
            workers.Run(ref totals, Blocks.Of(images.C));
        }

        double count = Math.Max(1, (double)images.N * images.Pixels);
        for (int c = 0; c < images.C; c++)
        {
            float inverse = (float)(1 / Math.Sqrt(variance[c] + epsilon));
            slope[c] = (float)(-factor[c] * (double)inverse * inverse * products[c] / count);
            term[c] = (float)(-factor[c] * (double)sums[c] / count);
            if (dscale != null)
            {
                dscale[c] = products[c] * inverse;
                dshift[c] = sums[c];
            }
        }

        if (dx != null && ofBatch)
        {
            MapJob job = new() { Images = images, X = x, Dy = dy, Mean = mean, Factor = factor, Slope = slope, Term = term, Y = dx };
            workers.Run(ref job, images.N);
        }
        else if (dx != null)
        {
            Images.Affine(images, dy, factor, null, dx, workers);
        }
    }

    private struct SumJob : IJob
    {
        public ImageBatch Images;
        public float* X;
        public float* Dy;
        public float* Mean;
        public float* Partial;
        public Activation? Activation;
        public float* Y;
        public float* Factor;
        public float* Term;
        public float* Scratch;
        public long ScratchFloats;

        public readonly void Run(int chunk, int worker)
        {
            int lanes = Lanes(Images.C);
            long image = chunk * Images.ImageFloats;
            float* first = Partial + (2L * chunk * lanes), second = first + lanes;
            if (Dy == null)
            {
                ImageMoments.Of(Images, X + image, first, second);
            }
            else
            {
                if (Activation is not null)
                {
                    // What the activation was given was not kept: an image of it is computed again.
                    float* inner = Scratch + (worker * ScratchFloats);
                    ImageMoments.Normalize(Images, X + image, Mean, Factor, Term, inner);
                    Activation.Backward(inner, Y + image, Dy + image, Dy + image, Images.ImageFloats);
                }

                ImageMoments.Gradients(Images, Dy + image, X + image, Mean, first, second);
            }
        }
    }

    // The images' means and squared deviations put together: Chan, Golub and LeVeque, "Updating formulae and a pairwise
    // algorithm for computing sample variances", 1979.
    private struct MeanJob : IJob
    {
        public ImageBatch Images;
        public float* Partial;
        public float* Mean;
        public float* Variance;

        public readonly void Run(int chunk, int worker)
        {
            int lanes = Lanes(Images.C), from = chunk * Blocks.Width;
            double count = (double)Images.N * Images.Pixels;
            for (int c = from; c < from + Blocks.Width; c++)
            {
                double sum = 0, squares = 0;
                for (int n = 0; n < Images.N && c < Images.C; n++)
                {
                    sum += Partial[(2L * n * lanes) + c];
                }

                double mean = count > 0 ? sum / count : 0;
                for (int n = 0; n < Images.N && c < Images.C; n++)
                {
                    double apart = (Partial[(2L * n * lanes) + c] / (double)Images.Pixels) - mean;
                    squares += Partial[(((2L * n) + 1) * lanes) + c] + (Images.Pixels * apart * apart);
                }

                Mean[c] = (float)mean;
                Variance[c] = count > 0 ? (float)(squares / count) : 0;
            }
        }
    }

    private struct TotalJob : IJob
    {
        public ImageBatch Images;
        public float* Partial;
        public float* Sums;
        public float* Products;

        public readonly void Run(int chunk, int worker)
        {
            int lanes = Lanes(Images.C), from = chunk * Blocks.Width;
            for (int c = from; c < from + Blocks.Width; c++)
            {
                double sum = 0, products = 0;
                for (int n = 0; n < Images.N && c < Images.C; n++)
                {
                    sum += Partial[(2L * n * lanes) + c];
                    products += Partial[(((2L * n) + 1) * lanes) + c];
                }

                Sums[c] = (float)sum;
                Products[c] = (float)products;
            }
        }
    }

    private struct MapJob : IJob
    {
        public ImageBatch Images;
        public float* X;
        public float* Dy;
        public float* Mean;
        public float* Factor;
        public float* Slope;
        public float* Term;
        public float* Y;
        public Activation? Activation;

        public readonly void Run(int chunk, int worker)
        {
            long image = chunk * Images.ImageFloats;
            if (Dy == null)
            {
                ImageMoments.Normalize(Images, X + image, Mean, Factor, Term, Y + image);
                Activation?.Forward(Y + image, Y + image, Images.ImageFloats);
            }
            else
            {
                ImageMoments.InputGradient(Images, Dy + image, X + image, Mean, Factor, Slope, Term, Y + image);
            }
        }
    }
}
