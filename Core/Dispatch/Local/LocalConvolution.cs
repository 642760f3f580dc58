using Fovea.Core.Shapes;

namespace Fovea.Core.Dispatch;

/// <summary>
/// An algorithm for convolutions whose weights are not shared between places, over plain images: every place has filters and
/// biases of its own (K×P×Q×C×R×S and K×P×Q). Sizes are without groups.
/// </summary>
public abstract unsafe class LocalConvolution
{
    /// <summary>The name by which the algorithm is printed and asked for.</summary>
    public abstract string Name { get; }

    /// <summary>Whether it can run these sizes.</summary>
    public abstract bool Accepts(in ConvShape s);

    /// <summary>Floats of scratch of each worker.</summary>
    public abstract long ScratchFloats(in ConvShape s);

    /// <summary>y; b may be null.</summary>
    public abstract void Forward(in ConvShape s, float* x, float* w, float* b, float* y, float* scratch, Workers workers);

    /// <summary>dx; every element is written.</summary>
    public abstract void BackwardInput(in ConvShape s, float* dy, float* w, float* dx, float* scratch, Workers workers);

    /// <summary>dw, and db unless it is null; every element is written.</summary>
    public abstract void BackwardWeights(in ConvShape s, float* x, float* dy, float* dw, float* db, float* scratch, Workers workers);

    /// <summary>Numbers of one input.</summary>
    protected static int Inputs(in ConvShape s) => s.C * s.H * s.W;

    /// <summary>Numbers of one output, each of which has weights of its own.</summary>
    protected static int Outputs(in ConvShape s) => s.K * s.P * s.Q;

    /// <summary>The weights of one output.</summary>
    protected static int Taps(in ConvShape s) => s.C * s.R * s.S;

    /// <summary>All weights.</summary>
    protected static Span<float> Weights(in ConvShape s, float* w) => new(w, Outputs(s) * Taps(s));
}
