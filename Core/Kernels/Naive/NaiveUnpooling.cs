using System.Numerics;
using Fovea.Core.Shapes;

namespace Fovea.Core.Kernels.Naive;

// x         planes × H·W     the larger image
// v         planes × P·Q     the pooled values
// indices   planes × P·Q     where in its plane of H·W each value belongs

/// <summary>Max-unpooling: every value goes back to where its maximum stood, zeros elsewhere.</summary>
public static class NaiveUnpooling
{
    /// <summary>x; where values share a place, the last stays.</summary>
    public static void Forward<T>(int planes, int large, int small, ReadOnlySpan<int> indices, ReadOnlySpan<T> v, Span<T> x)
        where T : IFloatingPointIeee754<T>
    {
        x[..(planes * large)].Clear();
        for (int o = 0; o < planes * small; o++)
        {
            x[(o / small * large) + indices[o]] = v[o];
        }
    }

    /// <summary>dv: the gradient at its place.</summary>
    public static void Backward<T>(int planes, int large, int small, ReadOnlySpan<int> indices, ReadOnlySpan<T> dx, Span<T> dv)
        where T : IFloatingPointIeee754<T>
    {
        for (int o = 0; o < planes * small; o++)
        {
            dv[o] = dx[(o / small * large) + indices[o]];
        }
    }
}
