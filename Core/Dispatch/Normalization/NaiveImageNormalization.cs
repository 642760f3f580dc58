using Fovea.Core.Kernels.Naive;
using Fovea.Core.Shapes;

namespace Fovea.Core.Dispatch;

/// <summary>Group, layer and instance norm by their definition: the end of the table, and the twin of the entries before it.</summary>
public sealed unsafe class NaiveImageNormalization : ImageNormalization
{
    /// <inheritdoc/>
    public override string Name => "naive";

    /// <inheritdoc/>
    public override bool Accepts(in ImageNormShape s, Layout layout) => layout == Layout.Plain;

    /// <inheritdoc/>
    public override long ScratchFloats(in ImageNormShape s) => 0;

    /// <inheritdoc/>
    public override long SharedFloats(in ImageNormShape s) => 0;

    /// <inheritdoc/>
    public override void Forward(in ImageNormShape s, Layout layout, double epsilon, float* x, float* scale, float* shift, float* y, float* mean, float* variance, float* scratch, Workers workers)
    {
        int count = s.N * s.Groups.Elements, groups = s.N * s.Groups.Groups, weights = s.Groups.Weights;
        NaiveNorm.Statistics<float>(s.Groups, s.N, new(x, count), new(mean, groups), new(variance, groups));
        NaiveNorm.Forward<float>(s.Groups, s.N, new(x, count), new(mean, groups), new(variance, groups), (float)epsilon, Spans.Or(scale, weights), Spans.Or(shift, weights), new(y, count));
    }

    /// <inheritdoc/>
    public override void Backward(in ImageNormShape s, Layout layout, double epsilon, float* dy, float* x, float* scale, float* mean, float* variance, float* dx, float* dscale, float* dshift, float* shared, float* scratch, Workers workers)
    {
        int count = s.N * s.Groups.Elements, groups = s.N * s.Groups.Groups, weights = s.Groups.Weights;
        Span<float> input = dx == null ? new float[count] : new Span<float>(dx, count);
        NaiveNorm.Backward<float>(s.Groups, s.N, new(x, count), new(mean, groups), new(variance, groups), (float)epsilon, Spans.Or(scale, weights), new(dy, count), ofGroups: true, input, Spans.Or(dscale, weights), Spans.Or(dshift, weights));
    }
}
