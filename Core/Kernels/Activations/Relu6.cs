using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Fovea.Core.Kernels.Activations;

/// <summary>min(max(0, x), 6). NaN stays NaN; the derivative at 0 and at 6 is 0, as in PyTorch.</summary>
public readonly struct Relu6 : IActivation
{
    private const int Top = 6;

    /// <inheritdoc/>
    public T Forward<T>(T x)
        where T : IFloatingPointIeee754<T> => x < T.Zero ? T.Zero : x > T.CreateChecked(Top) ? T.CreateChecked(Top) : x;

    /// <inheritdoc/>
    public T Backward<T>(T x, T y, T dy)
        where T : IFloatingPointIeee754<T> => x <= T.Zero || x >= T.CreateChecked(Top) ? T.Zero : dy;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Vector512<float> Forward(Vector512<float> x) =>
        Vector512.ConditionalSelect(Vector512.GreaterThan(x, Vector512.Create((float)Top)), Vector512.Create((float)Top), Vector512.ConditionalSelect(Vector512.LessThan(x, Vector512<float>.Zero), Vector512<float>.Zero, x));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Vector512<float> Backward(Vector512<float> x, Vector512<float> y, Vector512<float> dy) =>
        Vector512.ConditionalSelect(Vector512.LessThanOrEqual(x, Vector512<float>.Zero) | Vector512.GreaterThanOrEqual(x, Vector512.Create((float)Top)), Vector512<float>.Zero, dy);
}
