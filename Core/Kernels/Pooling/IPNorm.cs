using System.Runtime.Intrinsics;

namespace Fovea.Core.Kernels.Pooling;

/// <summary>The powers of a p-norm, sixteen at a time.</summary>
internal interface IPNorm
{
    /// <summary>xᵖ.</summary>
    Vector512<float> Power(Vector512<float> x);

    /// <summary>The p-th root.</summary>
    Vector512<float> Root(Vector512<float> sum);

    /// <summary>(x/y)^(p−1), the slope of the norm y with respect to x; 0 where y is 0 and p is not 1.</summary>
    Vector512<float> Slope(Vector512<float> x, Vector512<float> y);
}
