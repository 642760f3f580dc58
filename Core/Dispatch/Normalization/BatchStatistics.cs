using Fovea.Core.Shapes;

namespace Fovea.Core.Dispatch;

// mean, variance, factor, ...   lanes: as many floats as the blocks of C channels have, zero past the last channel
// partial                       N × 2 × lanes: both sums of every image

/// <summary>
/// The passes of batch normalisation over a batch of images in either layout. Each image is summed in float32; the
/// images' sums are added in double precision and in their order, so that bits do not depend on the workers.
/// </summary>
public static unsafe class BatchStatistics
{
    /// <summary>Floats of a row with one for each channel, in whole blocks.</summary>
    public static int Lanes(int channels) => Blocks.Of(channels) * Blocks.Width;

    /// <summary>Floats of the images' sums.</summary>
    public static long PartialFloats(ImageBatch images) => 2L * images.N * Lanes(images.C);

    /// <summary>Each channel's mean and its mean squared deviation (biased); zero where there are no images.</summary>
    public static void Moments(ImageBatch images, float* x, float* mean, float* variance, float* partial, Workers workers)
    {
        SumJob sums = new() { Images = images, X = x, Partial = partial };
        workers.Run(ref sums, images.N);
        MeanJob means = new() { Images = images, Partial = partial, Mean = mean, Variance = variance };
        workers.Run(ref means, Blocks.Of(images.C));
    }

    /// <summary>Each channel's Σ dy and Σ dy·(x − mean).</summary>
    public static void GradientSums(ImageBatch images, float* dy, float* x, float* mean, float* sums, float* products, float* partial, Workers workers)
    {
        SumJob parts = new() { Images = images, X = x, Dy = dy, Mean = mean, Partial = partial };
        workers.Run(ref parts, images.N);
        TotalJob totals = new() { Images = images, Partial = partial, Sums = sums, Products = products };
        workers.Run(ref totals, Blocks.Of(images.C));
    }

    /// <summary>y = (x − mean)·factor + term.</summary>
    public static void Normalize(ImageBatch images, float* x, float* mean, float* factor, float* term, float* y, Workers workers)
    {
        MapJob job = new() { Images = images, X = x, Mean = mean, Factor = factor, Term = term, Y = y };
        workers.Run(ref job, images.N);
    }

    /// <summary>dx = dy·factor + (x − mean)·slope + term.</summary>
    public static void InputGradient(ImageBatch images, float* dy, float* x, float* mean, float* factor, float* slope, float* term, float* dx, Workers workers)
    {
        MapJob job = new() { Images = images, X = x, Dy = dy, Mean = mean, Factor = factor, Slope = slope, Term = term, Y = dx };
        workers.Run(ref job, images.N);
    }

    private struct SumJob : IJob
    {
        public ImageBatch Images;
        public float* X;
        public float* Dy;
        public float* Mean;
        public float* Partial;

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

        public readonly void Run(int chunk, int worker)
        {
            long image = chunk * Images.ImageFloats;
            if (Dy == null)
            {
                ImageMoments.Normalize(Images, X + image, Mean, Factor, Term, Y + image);
            }
            else
            {
                ImageMoments.InputGradient(Images, Dy + image, X + image, Mean, Factor, Slope, Term, Y + image);
            }
        }
    }
}
