using Fovea.Core.Shapes;

namespace Fovea.Core.Dispatch;

/// <summary>An algorithm for pooling by the p-norm, forward and backward. Every output is written, whatever it held.</summary>
public abstract unsafe class LpPooling
{
    /// <summary>The name by which the algorithm is printed and asked for.</summary>
    public abstract string Name { get; }

    /// <summary>The layout of x, y, dy and dx.</summary>
    public abstract Layout Layout { get; }

    /// <summary>Whether it can run these sizes.</summary>
    public abstract bool Accepts(in PoolShape s);

    /// <summary>y = (R·S · mean of xᵖ over the window's real inputs)^(1/p).</summary>
    public abstract void Forward(in PoolShape s, double norm, float* x, float* y, Workers workers);

    /// <summary>dx; windows that are 0 have no slope, and give none, unless p is 1.</summary>
    public abstract void Backward(in PoolShape s, double norm, float* x, float* y, float* dy, float* dx, Workers workers);
}
