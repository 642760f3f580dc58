using Fovea.Core.Shapes;

namespace Fovea.Core.Dispatch;

// x, y, dy, dx      N × C × pixels
// scale, shift      a float for each weight, or null for 1 and 0
// mean, variance    N × groups

/// <summary>
/// An algorithm for normalising every image by its own statistics, y = (x − mean) / √(variance + ε) · scale + shift, forward
/// and backward: group, layer and instance norm. Every output is written, whatever it held.
/// </summary>
public abstract unsafe class ImageNormalization
{
    /// <summary>The name by which the algorithm is printed and asked for.</summary>
    public abstract string Name { get; }

    /// <summary>Whether it can run these sizes in a layout, of x, y, dy and dx.</summary>
    public abstract bool Accepts(in ImageNormShape s, Layout layout);

    /// <summary>Floats of each worker's scratch, in either pass.</summary>
    public abstract long ScratchFloats(in ImageNormShape s);

    /// <summary>Floats of scratch that the workers share in the backward pass.</summary>
    public abstract long SharedFloats(in ImageNormShape s);

    /// <summary>y, which may be x, and each group's mean and mean squared deviation (biased).</summary>
    public abstract void Forward(in ImageNormShape s, Layout layout, double epsilon, float* x, float* scale, float* shift, float* y, float* mean, float* variance, float* scratch, Workers workers);

    /// <summary>dx, and dscale = Σ dy·x̂ and dshift = Σ dy for the normalised input x̂; null where not wanted.</summary>
    public abstract void Backward(in ImageNormShape s, Layout layout, double epsilon, float* dy, float* x, float* scale, float* mean, float* variance, float* dx, float* dscale, float* dshift, float* shared, float* scratch, Workers workers);
}
