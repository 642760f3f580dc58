using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Fovea.Core.Kernels.Activations;

/// <summary>
/// x·min(max(0, x + 3), 6) / 6 (Howard et al., "Searching for MobileNetV3", 2019). The derivative is 0 below −3, 1 from 3 on
/// and for NaN, and x/3 + 1/2 between.
/// </summary>
public readonly struct HardSwish : IActivation
{
    /// <inheritdoc/>
    public T Forward<T>(T x)
        where T : IFloatingPointIeee754<T> => x * default(HardSigmoid).Forward(x);

    /// <inheritdoc/>
    public T Backward<T>(T x, T y, T dy)
        where T : IFloatingPointIeee754<T> => x < T.CreateChecked(-3) ? T.Zero : x < T.CreateChecked(3) ? dy * ((x / T.CreateChecked(3)) + T.CreateChecked(0.5)) : dy;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Vector512<float> Forward(Vector512<float> x) =>
        x * default(HardSigmoid).Forward(x);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Vector512<float> Backward(Vector512<float> x, Vector512<float> y, Vector512<float> dy) =>
        Vector512.ConditionalSelect(
            Vector512.LessThan(x, -Vector512.Create(3f)),
            Vector512<float>.Zero,
            Vector512.ConditionalSelect(Vector512.LessThan(x, Vector512.Create(3f)), dy * ((x / Vector512.Create(3f)) + Vector512.Create(0.5f)), dy));
}
