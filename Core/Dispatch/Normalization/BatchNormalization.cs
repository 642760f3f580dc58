using Fovea.Core.Shapes;

namespace Fovea.Core.Dispatch;

// x, y, dy, dx      N × C × pixels, in the layout of the batch
// scale, shift      C, or null for 1 and 0
// mean, variance    a float for each channel, in whole blocks, zero past the last channel

/// <summary>
/// An algorithm for batch normalisation, y = f((x − mean) / √(variance + ε) · scale + shift), forward and backward, with an
/// activation f or none. Every output is written, whatever it held.
/// </summary>
public abstract unsafe class BatchNormalization
{
    /// <summary>The name by which the algorithm is printed and asked for.</summary>
    public abstract string Name { get; }

    /// <summary>Whether it can run images of a layout.</summary>
    public abstract bool Accepts(Layout layout);

    /// <summary>Floats of scratch that the workers share, in either pass.</summary>
    public abstract long SharedFloats(ImageBatch images);

    /// <summary>Floats of scratch of each worker in the backward pass with an activation.</summary>
    public abstract long ScratchFloats(ImageBatch images);

    /// <summary>
    /// y. The batch's own mean and mean squared deviation (biased; zero of an empty batch) are written where they are asked for,
    /// otherwise they are read: the running ones.
    /// </summary>
    public abstract void Forward(ImageBatch images, bool ofBatch, double epsilon, Activation? activation, float* x, float* scale, float* shift, float* mean, float* variance, float* y, float* shared, Workers workers);

    /// <summary>
    /// dx, and dscale = Σ dy·x̂ and dshift = Σ dy for the normalised input x̂; null where not wanted. x is read only for the
    /// weights' gradients, for an activation, and where the statistics are the batch's own. An activation may read y, and its
    /// own gradient is written over dy.
    /// </summary>
    public abstract void Backward(ImageBatch images, bool ofBatch, double epsilon, Activation? activation, float* y, float* dy, float* x, float* scale, float* shift, float* mean, float* variance, float* dx, float* dscale, float* dshift, float* shared, float* scratch, Workers workers);
}
