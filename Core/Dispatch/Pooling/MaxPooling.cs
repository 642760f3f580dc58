using Fovea.Core.Shapes;

namespace Fovea.Core.Dispatch;

/// <summary>An algorithm for max pooling, forward and backward. Every output is written, whatever it held.</summary>
public abstract unsafe class MaxPooling
{
    /// <summary>The name by which the algorithm is printed and asked for.</summary>
    public abstract string Name { get; }

    /// <summary>The layout of x, y, dy and dx.</summary>
    public abstract Layout Layout { get; }

    /// <summary>Whether it can run these sizes.</summary>
    public abstract bool Accepts(in PoolShape s);

    /// <summary>Bytes that an image's winners take, kept from the forward to the backward pass.</summary>
    public abstract long TapBytes(in PoolShape s);

    /// <summary>Whether a ReLU after it, whose gradient needs no output then, can be part of it.</summary>
    public virtual bool FusesRelu(in PoolShape s) => false;

    /// <summary>
    /// y, and where each maximum stands; <paramref name="taps"/> may be null where nobody will ask. Where
    /// <paramref name="relu"/>, max(0, ·) follows, and what it makes 0 stands nowhere.
    /// </summary>
    public abstract void Forward(in PoolShape s, float* x, float* y, byte* taps, bool relu, Workers workers);

    /// <summary>dx.</summary>
    public abstract void Backward(in PoolShape s, float* dy, byte* taps, float* dx, Workers workers);
}
