using Fovea.Core.Shapes;

namespace Fovea.Core.Dispatch;

/// <summary>
/// An algorithm for padding and enlarging, forward and backward: each output a copy, a zero or a mix of inputs of its own
/// channel. Every output is written, whatever it held.
/// </summary>
public abstract unsafe class Resampling
{
    /// <summary>The name by which the algorithm is printed and asked for.</summary>
    public abstract string Name { get; }

    /// <summary>Whether it can run these sizes in a layout, of x, y, dy and dx.</summary>
    public abstract bool Accepts(in ResampleShape s, Layout layout);

    /// <summary>Floats of each worker's scratch, in either pass.</summary>
    public abstract long ScratchFloats(in ResampleShape s, Layout layout);

    /// <summary>y.</summary>
    public abstract void Forward(in ResampleShape s, Layout layout, float* x, float* y, float* scratch, Workers workers);

    /// <summary>dx.</summary>
    public abstract void Backward(in ResampleShape s, Layout layout, float* dy, float* dx, float* scratch, Workers workers);
}
