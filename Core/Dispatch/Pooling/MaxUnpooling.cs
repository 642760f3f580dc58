using Fovea.Core.Shapes;

namespace Fovea.Core.Dispatch;

/// <summary>
/// An algorithm for max-unpooling, forward and backward: values go back to where the maxima of a max pooling stood, whose
/// windows do not overlap. Every output is written, whatever it held.
/// </summary>
public abstract unsafe class MaxUnpooling
{
    /// <summary>The name by which the algorithm is printed and asked for.</summary>
    public abstract string Name { get; }

    /// <summary>The layout of images and gradients.</summary>
    public abstract Layout Layout { get; }

    /// <summary>Whether it can run the sizes of a max pooling.</summary>
    public abstract bool Accepts(in PoolShape s);

    /// <summary>Bytes that an image's winners take, kept from the forward to the backward pass.</summary>
    public abstract long TapBytes(in PoolShape s);

    /// <summary>Where the maxima of the pooling's input x stand; then y, N×C×H×W, from the values v, N×C×P×Q.</summary>
    public abstract void Forward(in PoolShape s, float* v, float* x, byte* taps, float* y, Workers workers);

    /// <summary>dv: the gradient at each value's place.</summary>
    public abstract void Backward(in PoolShape s, float* dy, byte* taps, float* dv, Workers workers);
}
