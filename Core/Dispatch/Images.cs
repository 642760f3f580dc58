using System.Runtime.Intrinsics;
using Fovea.Core.Kernels.Channels;
using Fovea.Core.Kernels.Layouts;
using Fovea.Core.Shapes;

namespace Fovea.Core.Dispatch;

/// <summary>A batch of images in memory: how many, their channels and pixels, and their layout.</summary>
/// <param name="N">Images.</param>
/// <param name="C">Channels.</param>
/// <param name="Pixels">Pixels of a channel.</param>
/// <param name="Layout">The layout.</param>
public readonly record struct ImageBatch(int N, int C, int Pixels, Layout Layout)
{
    /// <summary>Floats of one image, padded lanes counted in.</summary>
    public long ImageFloats => Blocks.ImageFloats(Layout, C, Pixels);

    /// <summary>Floats of the batch.</summary>
    public long Floats => N * ImageFloats;
}

/// <summary>Work over the channels of a batch of images, whatever its layout.</summary>
public static unsafe class Images
{
    // Floats below which a copy is not worth handing out.
    private const int LeastConverted = 8 * 1024;

    /// <summary>Copies a batch from one layout into the other.</summary>
    public static void Convert(int n, int c, int pixels, float* source, Layout from, float* target, Layout to, Workers workers)
    {
        if (from == to)
        {
            long bytes = n * Blocks.ImageFloats(from, c, pixels) * sizeof(float);
            Buffer.MemoryCopy(source, target, bytes, bytes);
            return;
        }

        int blocks = n * Blocks.Of(c);
        int together = Math.Clamp(LeastConverted / Math.Max(1, pixels * Blocks.Width), 1, Math.Max(1, blocks));
        ConvertJob job = new() { C = c, Pixels = pixels, Plain = from == Layout.Plain ? source : target, Blocked = from == Layout.Plain ? target : source, ToBlocked = to == Layout.Blocked, Count = blocks, Together = together };
        workers.Run(ref job, (blocks + together - 1) / together);
    }

    /// <summary>y = x·scale[c] + shift[c], for each channel, with factors of 1 where there are none; x and y may be the same. Lanes past the last channel become zero.</summary>
    public static void Affine(ImageBatch images, float* x, float* scale, float* shift, float* y, Workers workers)
    {
        AffineJob job = new() { Images = images, X = x, Scale = scale, Shift = shift, Y = y };
        workers.Run(ref job, images.N);
    }

    /// <summary>
    /// sums[c] = Σ over images and pixels: a bias's gradient. An image's sums are added in the order of the images;
    /// <paramref name="partial"/> holds N·⌈C/16⌉·16 floats.
    /// </summary>
    public static void Sum(ImageBatch images, float* dy, float* sums, float* partial, Workers workers)
    {
        SumJob job = new() { Images = images, Dy = dy, Partial = partial };
        workers.Run(ref job, images.N);
        int lanes = Blocks.Of(images.C) * Blocks.Width;
        Span<float> total = new(sums, images.C);
        total.Clear();
        for (int n = 0; n < images.N; n++)
        {
            float* row = partial + ((long)n * lanes);
            for (int c = 0; c < images.C; c++)
            {
                total[c] += row[c];
            }
        }
    }

    /// <summary>Floats that <see cref="Sum"/> needs for its partial sums.</summary>
    public static long SumFloats(ImageBatch images) => (long)images.N * Blocks.Of(images.C) * Blocks.Width;

    private struct ConvertJob : IJob
    {
        public int C;
        public int Pixels;
        public float* Plain;
        public float* Blocked;
        public bool ToBlocked;
        public int Count;
        public int Together;

        public readonly void Run(int chunk, int worker)
        {
            int end = Math.Min(Count, (chunk + 1) * Together);
            for (int block = chunk * Together; block < end; block++)
            {
                Convert(block);
            }
        }

        private readonly void Convert(int number)
        {
            int blocks = Blocks.Of(C);
            float* plain = Plain + ((long)(number / blocks) * C * Pixels);
            float* block = Blocked + ((long)number * Pixels * Blocks.Width);
            int first = number % blocks * Blocks.Width;
            if (ToBlocked)
            {
                LayoutKernel.Block(plain, block, first, C, Pixels);
            }
            else
            {
                LayoutKernel.Unblock(block, plain, first, C, Pixels);
            }
        }
    }

    private struct AffineJob : IJob
    {
        public ImageBatch Images;
        public float* X;
        public float* Scale;
        public float* Shift;
        public float* Y;

        public readonly void Run(int chunk, int worker)
        {
            float* x = X + (chunk * Images.ImageFloats), y = Y + (chunk * Images.ImageFloats);
            if (Images.Layout == Layout.Plain)
            {
                for (int c = 0; c < Images.C; c++)
                {
                    long plane = (long)c * Images.Pixels;
                    ChannelKernel.AffinePlane(x + plane, y + plane, Images.Pixels, Scale == null ? 1 : Scale[c], Shift == null ? 0 : Shift[c]);
                }

                return;
            }

            Span<float> scale = stackalloc float[Blocks.Width], shift = stackalloc float[Blocks.Width];
            for (int first = 0; first < Images.C; first += Blocks.Width)
            {
                scale.Clear();
                shift.Clear();
                for (int lane = 0; lane < Math.Min(Blocks.Width, Images.C - first); lane++)
                {
                    scale[lane] = Scale == null ? 1 : Scale[first + lane];
                    shift[lane] = Shift == null ? 0 : Shift[first + lane];
                }

                long block = (long)first * Images.Pixels;
                ChannelKernel.AffineBlock(x + block, y + block, Images.Pixels, Vector512.Create<float>(scale), Vector512.Create<float>(shift));
            }
        }
    }

    private struct SumJob : IJob
    {
        public ImageBatch Images;
        public float* Dy;
        public float* Partial;

        public readonly void Run(int chunk, int worker)
        {
            int lanes = Blocks.Of(Images.C) * Blocks.Width;
            float* dy = Dy + (chunk * Images.ImageFloats), sums = Partial + ((long)chunk * lanes);
            new Span<float>(sums, lanes).Clear();
            if (Images.Layout == Layout.Plain)
            {
                for (int c = 0; c < Images.C; c++)
                {
                    sums[c] = ChannelKernel.SumPlane(dy + ((long)c * Images.Pixels), Images.Pixels);
                }
            }
            else
            {
                for (int first = 0; first < Images.C; first += Blocks.Width)
                {
                    ChannelKernel.SumBlock(dy + ((long)first * Images.Pixels), Images.Pixels, sums + first);
                }
            }
        }
    }
}
