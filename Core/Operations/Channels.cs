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
    /// <param name="workers">The threads; the shared ones unless said.</param>
    /// <exception cref="ShapeException">There is not a factor and a term for each channel.</exception>
    public static Tensor Affine(Tensor x, Tensor scale, Tensor? shift = null, Workers? workers = null)
    {
        ArgumentNullException.ThrowIfNull(scale);
        ImageBatch batch = Batch("affine", x);
        Ranks.Same("affine", "a factor for each channel,", new Shape(batch.C), scale.Shape);
        Ranks.Same("affine", "a term for each channel,", new Shape(batch.C), (shift ?? scale).Shape);
        using Buffers buffers = new(workers ?? Workers.Shared);
        float* y = buffers.In(x, batch);
        Images.Affine(batch, y, buffers.In(scale), shift is null ? null : buffers.In(shift), y, buffers.Workers);
        return buffers.Out(y, batch, x.Shape);
    }

    /// <summary>Each channel's sum over images and pixels: the gradient of a bias.</summary>
    /// <param name="x">N×C×…</param>
    /// <param name="workers">The threads; the shared ones unless said.</param>
    /// <returns>C; zero where there are no images.</returns>
    /// <exception cref="ShapeException">There is no axis of channels.</exception>
    public static Tensor Sum(Tensor x, Workers? workers = null)
    {
        ImageBatch batch = Batch("channel sum", x);
        using Buffers buffers = new(workers ?? Workers.Shared);
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
