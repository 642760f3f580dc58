using Fovea.Core.Kernels.Naive;
using Fovea.Core.Shapes;

namespace Fovea.Core.Dispatch;

/// <summary>A convolution without shared weights by its definition: the end of the table, and the twin of the entries before it.</summary>
public sealed unsafe class NaiveLocalConvolution : LocalConvolution
{
    /// <inheritdoc/>
    public override string Name => "naive";

    /// <inheritdoc/>
    public override bool Accepts(in ConvShape s) => true;

    /// <inheritdoc/>
    public override long ScratchFloats(in ConvShape s) => 0;

    /// <inheritdoc/>
    public override void Forward(in ConvShape s, float* x, float* w, float* b, float* y, float* scratch, Workers workers) =>
        NaiveLocal.Forward<float>(s, new(x, s.Input.Count), Weights(s, w), new(b, b == null ? 0 : Outputs(s)), new(y, s.Output.Count));

    /// <inheritdoc/>
    public override void BackwardInput(in ConvShape s, float* dy, float* w, float* dx, float* scratch, Workers workers) =>
        NaiveLocal.BackwardInput<float>(s, new(dy, s.Output.Count), Weights(s, w), new(dx, s.Input.Count));

    /// <inheritdoc/>
    public override void BackwardWeights(in ConvShape s, float* x, float* dy, float* dw, float* db, float* scratch, Workers workers)
    {
        NaiveLocal.BackwardWeights<float>(s, new(x, s.Input.Count), new(dy, s.Output.Count), Weights(s, dw));
        if (db != null)
        {
            Reference.LocalBiasGradient<float>(s, new(dy, s.Output.Count), new(db, Outputs(s)));
        }
    }
}
