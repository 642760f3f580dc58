using Fovea.Core.Shapes;

namespace Fovea.Core.Dispatch;

// x, y, dy, dx     N × C × pixels, in either layout; groups of C / groups channels
// mean, variance   N × lanes: every channel has its group's
// partial          N × 2 × lanes: both sums of every image
// scratch          3 × lanes for each worker

/// <summary>
/// The passes of group and instance normalisation over a batch of images in either layout. Images are normalised apart, so
/// that no bit depends on the workers; the weights' gradients are added image after image in double precision.
/// </summary>
public static unsafe class GroupStatistics
{
    /// <summary>Floats of each worker's scratch.</summary>
    public static long ScratchFloats(int channels) => 3L * BatchStatistics.Lanes(channels);

    /// <summary>Each channel's group's mean and mean squared deviation (biased), in every image.</summary>
    public static void Moments(ImageBatch images, int groups, float* x, float* mean, float* variance, Workers workers)
    {
        MomentJob job = new() { Images = images, Groups = groups, X = x, Mean = mean, Variance = variance };
        workers.Run(ref job, images.N);
    }

    /// <summary>y = (x − mean) / √(variance + ε) · scale + shift; scale and shift null where there are none.</summary>
    public static void Normalize(ImageBatch images, float* x, float* mean, float* variance, double epsilon, float* scale, float* shift, float* y, float* scratch, Workers workers)
    {
        NormalizeJob job = new() { Images = images, X = x, Mean = mean, Variance = variance, Epsilon = epsilon, Scale = scale, Shift = shift, Y = y, Scratch = scratch };
        workers.Run(ref job, images.N);
    }

    /// <summary>Each image's Σ dy and Σ dy·(x − mean) of every channel.</summary>
    public static void GradientSums(ImageBatch images, float* dy, float* x, float* mean, float* partial, Workers workers)
    {
        SumJob job = new() { Images = images, X = x, Dy = dy, Mean = mean, Partial = partial };
        workers.Run(ref job, images.N);
    }

    /// <summary>The weights' gradients from the images' sums: Σ dy·x̂ and Σ dy.</summary>
    public static void WeightGradients(ImageBatch images, float* partial, float* variance, double epsilon, float* dscale, float* dshift)
    {
        int lanes = BatchStatistics.Lanes(images.C);
        for (int c = 0; c < images.C; c++)
        {
            double scale = 0, shift = 0;
            for (int n = 0; n < images.N; n++)
            {
                long image = 2L * n * lanes;
                shift += partial[image + c];
                scale += partial[image + lanes + c] / Math.Sqrt(variance[((long)n * lanes) + c] + epsilon);
            }

            dscale[c] = (float)scale;
            dshift[c] = (float)shift;
        }
    }

    /// <summary>dx, where the statistics are the groups' own (from the images' sums) or given.</summary>
    public static void InputGradient(ImageBatch images, int groups, bool own, float* dy, float* x, float* mean, float* variance, double epsilon, float* scale, float* partial, float* dx, float* scratch, Workers workers)
    {
        GradientJob job = new() { Images = images, Groups = groups, Own = own, X = x, Dy = dy, Mean = mean, Variance = variance, Epsilon = epsilon, Scale = scale, Partial = partial, Dx = dx, Scratch = scratch };
        workers.Run(ref job, images.N);
    }

    // The channels' means and squared deviations put together: Chan, Golub and LeVeque, "Updating formulae and a pairwise
    // algorithm for computing sample variances", 1979.
    private struct MomentJob : IJob
    {
        public ImageBatch Images;
        public int Groups;
        public float* X;
        public float* Mean;
        public float* Variance;

        public readonly void Run(int chunk, int worker)
        {
            int lanes = BatchStatistics.Lanes(Images.C), channels = Images.C / Groups;
            float* mean = Mean + ((long)chunk * lanes), variance = Variance + ((long)chunk * lanes);
            ImageMoments.Of(Images, X + (chunk * Images.ImageFloats), mean, variance);
            double count = (double)channels * Images.Pixels;
            for (int first = 0; first < Images.C; first += channels)
            {
                double sum = 0, squares = 0;
                for (int c = first; c < first + channels; c++)
                {
                    sum += mean[c];
                }

                for (int c = first; c < first + channels; c++)
                {
                    double apart = (mean[c] / (double)Images.Pixels) - (sum / count);
                    squares += variance[c] + (Images.Pixels * apart * apart);
                }

                new Span<float>(mean + first, channels).Fill((float)(sum / count));
                new Span<float>(variance + first, channels).Fill((float)(squares / count));
            }

            new Span<float>(mean + Images.C, lanes - Images.C).Clear();
            new Span<float>(variance + Images.C, lanes - Images.C).Clear();
        }
    }

    private struct NormalizeJob : IJob
    {
        public ImageBatch Images;
        public float* X;
        public float* Mean;
        public float* Variance;
        public double Epsilon;
        public float* Scale;
        public float* Shift;
        public float* Y;
        public float* Scratch;

        public readonly void Run(int chunk, int worker)
        {
            int lanes = BatchStatistics.Lanes(Images.C);
            long image = chunk * Images.ImageFloats;
            float* mean = Mean + ((long)chunk * lanes), variance = Variance + ((long)chunk * lanes);
            float* factor = Scratch + (worker * ScratchFloats(Images.C)), term = factor + lanes;
            new Span<float>(factor, 2 * lanes).Clear();
            for (int c = 0; c < Images.C; c++)
            {
                factor[c] = (float)(1 / Math.Sqrt(variance[c] + Epsilon)) * (Scale == null ? 1 : Scale[c]);
                term[c] = Shift == null ? 0 : Shift[c];
            }

            ImageMoments.Normalize(Images, X + image, mean, factor, term, Y + image);
        }
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
            int lanes = BatchStatistics.Lanes(Images.C);
            long image = chunk * Images.ImageFloats;
            float* sums = Partial + (2L * chunk * lanes);
            ImageMoments.Gradients(Images, Dy + image, X + image, Mean + ((long)chunk * lanes), sums, sums + lanes);
        }
    }

    private struct GradientJob : IJob
    {
        public ImageBatch Images;
        public int Groups;
        public bool Own;
        public float* X;
        public float* Dy;
        public float* Mean;
        public float* Variance;
        public double Epsilon;
        public float* Scale;
        public float* Partial;
        public float* Dx;
        public float* Scratch;

        public readonly void Run(int chunk, int worker)
        {
            int lanes = BatchStatistics.Lanes(Images.C), channels = Images.C / Groups;
            long image = chunk * Images.ImageFloats;
            float* mean = Mean + ((long)chunk * lanes), variance = Variance + ((long)chunk * lanes);
            float* sums = Partial + (2L * chunk * lanes), products = sums + lanes;
            float* factor = Scratch + (worker * ScratchFloats(Images.C)), slope = factor + lanes, term = slope + lanes;
            new Span<float>(factor, 3 * lanes).Clear();
            double count = (double)channels * Images.Pixels;
            for (int first = 0; first < Images.C; first += channels)
            {
                double sum = 0, product = 0, inverse = 1 / Math.Sqrt(variance[first] + Epsilon);
                for (int c = first; Own && c < first + channels; c++)
                {
                    double weight = Scale == null ? 1 : Scale[c];
                    sum += weight * sums[c];
                    product += weight * products[c];
                }

                for (int c = first; c < first + channels; c++)
                {
                    factor[c] = (float)(inverse * (Scale == null ? 1 : Scale[c]));
                    slope[c] = (float)(-inverse * inverse * inverse * product / count);
                    term[c] = (float)(-inverse * sum / count);
                }
            }

            ImageMoments.InputGradient(Images, Dy + image, X + image, mean, factor, slope, term, Dx + image);
        }
    }
}
