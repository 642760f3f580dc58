using System.Numerics;
using System.Runtime.Intrinsics;

namespace Fovea.Core.Kernels.Activations;

/// <summary>
/// An element-wise function, said twice: for a number of any precision (the naive twin) and for sixteen floats. The
/// derivative is given x and y = f(x), and uses whichever is cheaper.
/// </summary>
public interface IActivation
{
    /// <summary>Whether the derivative reads x.</summary>
    static virtual bool ReadsInput => true;

    /// <summary>Whether the derivative reads y.</summary>
    static virtual bool ReadsOutput => false;

    /// <summary>f(x).</summary>
    T Forward<T>(T x)
        where T : IFloatingPointIeee754<T>;

    /// <summary>f′(x) · dy.</summary>
    T Backward<T>(T x, T y, T dy)
        where T : IFloatingPointIeee754<T>;

    /// <summary>f(x), sixteen at a time.</summary>
    Vector512<float> Forward(Vector512<float> x);

    /// <summary>f′(x) · dy, sixteen at a time.</summary>
    Vector512<float> Backward(Vector512<float> x, Vector512<float> y, Vector512<float> dy);
}
