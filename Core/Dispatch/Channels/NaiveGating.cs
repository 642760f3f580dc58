using Fovea.Core.Kernels.Naive;
using Fovea.Core.Shapes;

namespace Fovea.Core.Dispatch;

/// <summary>Gates by their definition: the end of the table, and the twin of the entries before it.</summary>
public sealed unsafe class NaiveGating : Gating
{
    /// <inheritdoc/>
    public override string Name => "naive";

    /// <inheritdoc/>
    public override bool Accepts(Layout layout) => layout == Layout.Plain;

    /// <inheritdoc/>
    public override void Forward(ImageBatch images, float* x, float* s, float* y, Workers workers) =>
        NaiveGate.Forward<float>(images.Pixels, Of(images, x), Factors(images, s), Of(images, y));

    /// <inheritdoc/>
    public override void BackwardFactors(ImageBatch images, float* dy, float* x, float* ds, Workers workers) =>
        NaiveGate.BackwardFactors<float>(images.Pixels, Of(images, x), Of(images, dy), Factors(images, ds));

    private static Span<float> Of(ImageBatch images, float* values) => new(values, (int)images.Floats);

    private static Span<float> Factors(ImageBatch images, float* s) => new(s, images.N * images.C);
}
