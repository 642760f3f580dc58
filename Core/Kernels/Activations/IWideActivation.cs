using System.Numerics;
using System.Runtime.Intrinsics;

namespace Fovea.Core.Kernels.Activations;

/// <summary>
/// An element-wise function whose vector form is computed in double precision, where no cancellation reaches a float: its
/// value and its slope, each said twice, for a number of any precision and for eight doubles.
/// </summary>
public interface IWideActivation
{
    /// <summary>f(x).</summary>
    T Value<T>(T x)
        where T : IFloatingPointIeee754<T>;

    /// <summary>f′(x).</summary>
    T Slope<T>(T x)
        where T : IFloatingPointIeee754<T>;

    /// <summary>f(x), eight at a time.</summary>
    Vector512<double> Value(Vector512<double> x);

    /// <summary>f′(x), eight at a time.</summary>
    Vector512<double> Slope(Vector512<double> x);
}
