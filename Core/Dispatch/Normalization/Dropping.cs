using System.Numerics;
using Fovea.Core.Kernels.Channels;
using Fovea.Core.Randomness;

namespace Fovea.Core.Dispatch;

/// <summary>Dropout over a batch of images in either layout. The gradient takes the same way: dx from dy.</summary>
/// <param name="Rate">The probability of dropping, 0..1.</param>
/// <param name="Scope">What is dropped together.</param>
public readonly unsafe record struct Dropping(double Rate, DropScope Scope)
{
    /// <summary>y; every element is written.</summary>
    public void Run(RandomKey key, ImageBatch images, float* x, float* y, Workers workers)
    {
        Job job = new() { Draws = new(key, Rate, Scope), Images = images, X = x, Y = y };
        workers.Run(ref job, images.N);
    }

    /// <summary>The naive twin, in the precision of T.</summary>
    public void Reference<T>(RandomKey key, int n, int c, int pixels, ReadOnlySpan<T> x, Span<T> y)
        where T : IFloatingPointIeee754<T> => DropoutKernel.Naive(new(key, Rate, Scope), n, c, pixels, x, y);

    private struct Job : IJob
    {
        public DropoutDraws Draws;
        public ImageBatch Images;
        public float* X;
        public float* Y;

        public readonly void Run(int chunk, int worker) =>
            DropoutKernel.Run(Draws, chunk, Images.C, Images.Pixels, Images.Layout, X + (chunk * Images.ImageFloats), Y + (chunk * Images.ImageFloats));
    }
}
