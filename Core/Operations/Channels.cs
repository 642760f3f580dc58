using Fovea.Core.Dispatch;
using Fovea.Core.Shapes;
using Fovea.Core.Tensors;

namespace Fovea.Core.Operations;

/// <summary>Work along the channels of a batch of images N×C×H×W, or of vectors N×C.</summary>
public static unsafe class Channels
{
    /// <summary>y = x · scale[c] + shift[c].</summary>
    /// <param name="x">N×C×…</param>
    /// <param name="scale">C.</param>
    /// <param name="shift">C, or null to add nothing.</param>
    /// <returns>y, of the shape of x.</returns>
    /// <exception cref="ShapeException">There is not a factor and a term for each channel.</exception>
    public static Tensor Affine(Tensor x, Tensor scale, Tensor? shift = null) => Affine(x, scale, shift, Workers.Shared);

    /// <summary>y = x · scale[c] + shift[c], by given threads.</summary>
    /// <param name="x">N×C×…</param>
    /// <param name="scale">C.</param>
    /// <param name="shift">C, or null to add nothing.</param>
    /// <param name="workers">The threads.</param>
    /// <returns>y, of the shape of x.</returns>
    /// <exception cref="ShapeException">There is not a factor and a term for each channel.</exception>
    public static Tensor Affine(Tensor x, Tensor scale, Tensor? shift, Workers workers)
    {
        ArgumentNullException.ThrowIfNull(scale);
        ImageBatch batch = Batch("affine", x);
        Ranks.Same("affine", "a factor for each channel,", new Shape(batch.C), scale.Shape);
        Ranks.Same("affine", "a term for each channel,", new Shape(batch.C), (shift ?? scale).Shape);
        using Buffers buffers = new(workers);
        float* y = buffers.In(x, batch);
        Images.Affine(batch, y, buffers.In(scale), shift is null ? null : buffers.In(shift), y, buffers.Workers);
        return buffers.Out(y, batch, x.Shape);
    }

    /// <summary>Each channel's sum over images and pixels: the gradient of a bias.</summary>
    /// <param name="x">N×C×…</param>
    /// <returns>C; zero where there are no images.</returns>
    /// <exception cref="ShapeException">There is no axis of channels.</exception>
    public static Tensor Sum(Tensor x) => Sum(x, Workers.Shared);

    /// <summary>Each channel's sum over images and pixels, by given threads.</summary>
    /// <param name="x">N×C×…</param>
    /// <param name="workers">The threads.</param>
    /// <returns>C; zero where there are no images.</returns>
    /// <exception cref="ShapeException">There is no axis of channels.</exception>
    public static Tensor Sum(Tensor x, Workers workers)
    {
        ImageBatch batch = Batch("channel sum", x);
        using Buffers buffers = new(workers);
        float* sums = buffers.Take(batch.C);
        Images.Sum(batch, buffers.In(x, batch), sums, buffers.Take(Images.SumFloats(batch)), buffers.Workers);
        return buffers.Out(sums, new Shape(batch.C));
    }

    private static ImageBatch Batch(string where, Tensor x)
    {
        ArgumentNullException.ThrowIfNull(x);
        return x.Rank >= 2
            ? new ImageBatch(x.Shape[0], x.Shape[1], x.Shape.Tail.Tail.Count, Layout.Plain)
            : throw new ShapeException(where, $"expected images or vectors (batch, channels, ...), got {x.Shape}", "add the batch dimension");
    }
}
