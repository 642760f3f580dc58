using Fovea.Core.Shapes;

namespace Fovea.Core.Dispatch;

/// <summary>
/// An algorithm for average pooling, forward and backward. What each of the P×Q windows is divided by is given, so that
/// one kernel serves every way of counting the padding.
/// </summary>
public abstract unsafe class AveragePooling
{
    /// <summary>The name by which the algorithm is printed and asked for.</summary>
    public abstract string Name { get; }

    /// <summary>The layout of x, y, dy and dx.</summary>
    public abstract Layout Layout { get; }

    /// <summary>Whether it can run these sizes.</summary>
    public abstract bool Accepts(in PoolShape s);

    /// <summary>y; every element is written.</summary>
    public abstract void Forward(in PoolShape s, float* x, int* divisors, float* y, Workers workers);

    /// <summary>dx; every element is written.</summary>
    public abstract void Backward(in PoolShape s, float* dy, int* divisors, float* dx, Workers workers);
}
