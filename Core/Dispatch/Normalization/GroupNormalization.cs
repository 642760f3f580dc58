using Fovea.Core.Shapes;

namespace Fovea.Core.Dispatch;

// scratch   four rows, shared N × 2 rows, of a float for each channel, in whole blocks

/// <summary>
/// Group and instance norm in either layout: groups of whole channels, each channel with its weights. Images are normalised
/// apart, so that no bit depends on the workers; the weights' gradients are added image after image in double precision.
/// </summary>
public sealed unsafe class GroupNormalization : ImageNormalization
{
    /// <inheritdoc/>
    public override string Name => "groups";

    /// <inheritdoc/>
    public override bool Accepts(in ImageNormShape s, Layout layout) => s.Groups == NormShape.OfGroups(s.C, s.Pixels, s.Groups.Groups);

    /// <inheritdoc/>
    public override long ScratchFloats(in ImageNormShape s) => 4L * ChannelNormalization.Lanes(s.C);

    /// <inheritdoc/>
    public override long SharedFloats(in ImageNormShape s) => 2L * s.N * ChannelNormalization.Lanes(s.C);

    /// <inheritdoc/>
    public override void Forward(in ImageNormShape s, Layout layout, double epsilon, float* x, float* scale, float* shift, float* y, float* mean, float* variance, float* scratch, Workers workers)
    {
        Job job = new() { Images = new(s.N, s.C, s.Pixels, layout), Groups = s.Groups.Groups, Epsilon = epsilon, X = x, Scale = scale, Shift = shift, Y = y, Mean = mean, Variance = variance, Scratch = scratch };
        workers.Run(ref job, s.N);
    }

    /// <inheritdoc/>
    public override void Backward(in ImageNormShape s, Layout layout, double epsilon, float* dy, float* x, float* scale, float* mean, float* variance, float* dx, float* dscale, float* dshift, float* shared, float* scratch, Workers workers)
    {
        Job job = new() { Images = new(s.N, s.C, s.Pixels, layout), Groups = s.Groups.Groups, Epsilon = epsilon, X = x, Scale = scale, Dy = dy, Dx = dx, Mean = mean, Variance = variance, Partial = shared, Scratch = scratch };
        workers.Run(ref job, s.N);
        int lanes = ChannelNormalization.Lanes(s.C), channels = s.C / s.Groups.Groups;
        for (int c = 0; c < (dscale == null ? 0 : s.C); c++)
        {
            double slope = 0, term = 0;
            for (int n = 0; n < s.N; n++)
            {
                long image = 2L * n * lanes;
                term += shared[image + c];
                slope += shared[image + lanes + c] / Math.Sqrt(variance[((long)n * s.Groups.Groups) + (c / channels)] + epsilon);
            }

            dscale[c] = (float)slope;
            dshift[c] = (float)term;
        }
    }

    private struct Job : IJob
    {
        public ImageBatch Images;
        public int Groups;
        public double Epsilon;
        public float* X;
        public float* Scale;
        public float* Shift;
        public float* Y;
        public float* Dy;
        public float* Dx;
        public float* Mean;
        public float* Variance;
        public float* Partial;
        public float* Scratch;

        public readonly void Run(int chunk, int worker)
        {
            int lanes = ChannelNormalization.Lanes(Images.C);
            float* rows = Scratch + (4L * worker * lanes);
            if (Dy == null)
            {
                Forward(chunk, rows, rows + lanes, rows + (2 * lanes));
            }
            else
            {
                Backward(chunk, rows, rows + lanes, rows + (2 * lanes), rows + (3 * lanes));
            }
        }

        // The channels' means and squared deviations put together: Chan, Golub and LeVeque, "Updating formulae and a pairwise
        // algorithm for computing sample variances", 1979.
        private readonly void Forward(int image, float* mean, float* factor, float* term)
        {
            int channels = Images.C / Groups;
            float* x = X + (image * Images.ImageFloats);
            ImageMoments.Of(Images, x, mean, factor);
            double count = (double)channels * Images.Pixels;
            for (int group = 0; group < Groups; group++)
            {
                int first = group * channels;
                double sum = 0, squares = 0;
                for (int c = first; c < first + channels; c++)
                {
                    sum += mean[c];
                }

                for (int c = first; c < first + channels; c++)
                {
                    double apart = (mean[c] / (double)Images.Pixels) - (sum / count);
                    squares += factor[c] + (Images.Pixels * apart * apart);
                }

                long at = ((long)image * Groups) + group;
                (Mean[at], Variance[at]) = ((float)(sum / count), (float)(squares / count));
                float inverse = (float)(1 / Math.Sqrt(Variance[at] + Epsilon));
                for (int c = first; c < first + channels; c++)
                {
                    mean[c] = Mean[at];
                    factor[c] = inverse * (Scale == null ? 1 : Scale[c]);
                    term[c] = Shift == null ? 0 : Shift[c];
                }
            }

            Clear(mean, factor, term);
            ImageMoments.Normalize(Images, x, mean, factor, term, Y + (image * Images.ImageFloats));
        }

        private readonly void Backward(int image, float* mean, float* factor, float* slope, float* term)
        {
            int lanes = ChannelNormalization.Lanes(Images.C), channels = Images.C / Groups;
            long at = image * Images.ImageFloats;
            float* sums = Partial + (2L * image * lanes), products = sums + lanes;
            for (int c = 0; c < Images.C; c++)
            {
                mean[c] = Mean[((long)image * Groups) + (c / channels)];
            }

            Clear(mean, mean, mean);
            ImageMoments.Gradients(Images, Dy + at, X + at, mean, sums, products);
            double count = (double)channels * Images.Pixels;
            for (int group = 0; group < Groups; group++)
            {
                double sum = 0, product = 0, inverse = 1 / Math.Sqrt(Variance[((long)image * Groups) + group] + Epsilon);
                int first = group * channels;
                for (int c = first; c < first + channels; c++)
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

            Clear(factor, slope, term);
            if (Dx != null)
            {
                ImageMoments.InputGradient(Images, Dy + at, X + at, mean, factor, slope, term, Dx + at);
            }
        }

        // What stands past the last channel must stay zero.
        private readonly void Clear(float* a, float* b, float* c)
        {
            int past = ChannelNormalization.Lanes(Images.C) - Images.C;
            new Span<float>(a + Images.C, past).Clear();
            new Span<float>(b + Images.C, past).Clear();
            new Span<float>(c + Images.C, past).Clear();
        }
    }
}
