using Fovea.Core.Kernels.Naive;
using Fovea.Core.Shapes;

namespace Fovea.Core.Dispatch;

/// <summary>A leaky ReLU with slopes by its definition: the end of the table, and the twin of the entries before it.</summary>
public sealed unsafe class NaiveBending : Bending
{
    /// <inheritdoc/>
    public override string Name => "naive";

    /// <inheritdoc/>
    public override bool Accepts(Layout layout) => layout == Layout.Plain;

    /// <inheritdoc/>
    public override long SharedFloats(ImageBatch images) => 0;

    /// <inheritdoc/>
    public override void Run(ImageBatch images, float* x, float* v, float* slopes, int count, float* y, Workers workers) =>
        NaivePrelu.Bend<float>(images.C, images.Pixels, Of(images, x), Of(images, v), new(slopes, count), Of(images, y));

    /// <inheritdoc/>
    public override void Gradient(ImageBatch images, float* x, float* dy, float* dslopes, int count, float* shared, Workers workers) =>
        NaivePrelu.BackwardSlopes<float>(images.C, images.Pixels, Of(images, x), Of(images, dy), new(dslopes, count));

    private static Span<float> Of(ImageBatch images, float* values) => new(values, (int)images.Floats);
}
