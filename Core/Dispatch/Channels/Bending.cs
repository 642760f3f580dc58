using Fovea.Core.Shapes;

namespace Fovea.Core.Dispatch;

// x, v, y, dy   N × C × pixels, in the layout of the batch
// slopes        C, or one for all

/// <summary>
/// An algorithm for a leaky ReLU with slopes that are learned (PReLU), forward and backward. Every output is written, whatever it held.
/// </summary>
public abstract unsafe class Bending
{
    /// <summary>The name by which the algorithm is printed and asked for.</summary>
    public abstract string Name { get; }

    /// <summary>Whether it can run images of a layout.</summary>
    public abstract bool Accepts(Layout layout);

    /// <summary>Floats of scratch that the workers share while slopes' gradients are added up.</summary>
    public abstract long SharedFloats(ImageBatch images);

    /// <summary>y = v where x is above 0, slope·v elsewhere: with v = x the function, with v = dy its gradient.</summary>
    public abstract void Run(ImageBatch images, float* x, float* v, float* slopes, int count, float* y, Workers workers);

    /// <summary>The slopes' gradients: Σ dy·x where x is not above 0.</summary>
    public abstract void Gradient(ImageBatch images, float* x, float* dy, float* dslopes, int count, float* shared, Workers workers);
}
