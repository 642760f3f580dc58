using Fovea.Core.Kernels.Naive;
using Fovea.Core.Shapes;

namespace Fovea.Core.Dispatch;

/// <summary>Padding and enlarging by their definition: the end of the table, and the twin of the entries before it.</summary>
public sealed unsafe class NaiveResamplingAlgorithm : Resampling
{
    /// <inheritdoc/>
    public override string Name => "naive";

    /// <inheritdoc/>
    public override bool Accepts(in ResampleShape s, Layout layout) => layout == Layout.Plain;

    /// <inheritdoc/>
    public override long ScratchFloats(in ResampleShape s, Layout layout) => 0;

    /// <inheritdoc/>
    public override void Forward(in ResampleShape s, Layout layout, float* x, float* y, float* scratch, Workers workers) =>
        NaiveResampling.Forward<float>(s, new(x, s.Input.Count), new(y, s.Output.Count));

    /// <inheritdoc/>
    public override void Backward(in ResampleShape s, Layout layout, float* dy, float* dx, float* scratch, Workers workers) =>
        NaiveResampling.Backward<float>(s, new(dy, s.Output.Count), new(dx, s.Input.Count));
}
