using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Fovea.Core.Kernels.Activations;

/// <summary>min(max(0, x + 3), 6) / 6: a sigmoid of straight lines. The derivative is 0 at the corners and for NaN, as in PyTorch.</summary>
public readonly struct HardSigmoid : IActivation
{
    /// <inheritdoc/>
    public T Forward<T>(T x)
        where T : IFloatingPointIeee754<T> => default(Relu6).Forward(x + T.CreateChecked(3)) / T.CreateChecked(6);

    /// <inheritdoc/>
    public T Backward<T>(T x, T y, T dy)
        where T : IFloatingPointIeee754<T> => x > T.CreateChecked(-3) && x < T.CreateChecked(3) ? dy / T.CreateChecked(6) : T.Zero;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Vector512<float> Forward(Vector512<float> x) =>
        default(Relu6).Forward(x + Vector512.Create(3f)) / Vector512.Create(6f);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Vector512<float> Backward(Vector512<float> x, Vector512<float> y, Vector512<float> dy) =>
        Vector512.ConditionalSelect(Vector512.LessThan(Vector512.Abs(x), Vector512.Create(3f)), dy / Vector512.Create(6f), Vector512<float>.Zero);
}
