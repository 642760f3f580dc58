using Fovea.Core.Kernels.Naive;
using Fovea.Core.Shapes;

namespace Fovea.Core.Dispatch;

/// <summary>Batch normalisation by its definition: the end of the table, and the twin of the entries before it.</summary>
public sealed unsafe class NaiveBatchNormalization : BatchNormalization
{
    /// <inheritdoc/>
    public override string Name => "naive";

    /// <inheritdoc/>
    public override bool Accepts(Layout layout) => layout == Layout.Plain;

    /// <inheritdoc/>
    public override long SharedFloats(ImageBatch images) => 2L * images.C;

    /// <inheritdoc/>
    public override long ScratchFloats(ImageBatch images) => 0;

    /// <inheritdoc/>
    public override void Forward(ImageBatch images, bool ofBatch, double epsilon, Activation? activation, float* x, float* scale, float* shift, float* mean, float* variance, float* y, float* shared, Workers workers)
    {
        (int n, int c, int pixels) = (images.N, images.C, images.Pixels);
        ReadOnlySpan<float> input = new(x, n * c * pixels);
        if (ofBatch)
        {
            int lanes = ChannelNormalization.Lanes(c);
            new Span<float>(mean, lanes).Clear();
            new Span<float>(variance, lanes).Clear();
            NaiveBatchNorm.Statistics(n, c, pixels, input, new Span<float>(mean, c), new Span<float>(variance, c));
        }

        NaiveBatchNorm.Forward<float>(n, c, pixels, input, new(mean, c), new(variance, c), (float)epsilon, Spans.Or(scale, c), Spans.Or(shift, c), new(y, n * c * pixels));
        activation?.Forward(y, y, n * c * pixels, workers);
    }

    /// <inheritdoc/>
    public override void Backward(ImageBatch images, bool ofBatch, double epsilon, Activation? activation, float* y, float* dy, float* x, float* scale, float* shift, float* mean, float* variance, float* dx, float* dscale, float* dshift, float* shared, float* scratch, Workers workers)
    {
        (int n, int c, int pixels) = (images.N, images.C, images.Pixels);
        int count = n * c * pixels;
        if (activation is not null)
        {
            fixed (float* inner = new float[count])
            {
                Forward(images, false, epsilon, null, x, scale, shift, mean, variance, inner, shared, workers);
                activation.Backward(inner, y, dy, dy, count, workers);
            }
        }

        Span<float> dw = dscale == null ? new(shared, c) : new(dscale, c), db = dscale == null ? new(shared + c, c) : new(dshift, c);
        Span<float> input = dx == null ? new float[count] : new Span<float>(dx, count);
        NaiveBatchNorm.Backward<float>(n, c, pixels, new(x, count), new(mean, c), new(variance, c), (float)epsilon, Spans.Or(scale, c), new(dy, count), ofBatch, input, dw, db);
    }
}
