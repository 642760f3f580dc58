using Fovea.Core.Shapes;

namespace Fovea.Core.Dispatch;

// x, y, dy, dx   N × C × pixels, in the layout of the batch
// s, ds          N × C, in the same

/// <summary>
/// An algorithm that multiplies each channel of each image by a factor of its own, forward and backward. Every output is
/// written, whatever it held.
/// </summary>
public abstract unsafe class Gating
{
    /// <summary>The name by which the algorithm is printed and asked for.</summary>
    public abstract string Name { get; }

    /// <summary>Whether it can run images of a layout.</summary>
    public abstract bool Accepts(Layout layout);

    /// <summary>y = x · s; over dy, it is the gradient with respect to x.</summary>
    public abstract void Forward(ImageBatch images, float* x, float* s, float* y, Workers workers);

    /// <summary>ds = Σ over pixels of dy · x.</summary>
    public abstract void BackwardFactors(ImageBatch images, float* dy, float* x, float* ds, Workers workers);
}
