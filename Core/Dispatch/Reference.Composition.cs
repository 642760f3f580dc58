using System.Numerics;
using Fovea.Core.Kernels.Naive;
using Fovea.Core.Shapes;

namespace Fovea.Core.Dispatch;

public static partial class Reference
{
    /// <inheritdoc cref="NaiveGate.Forward"/>
    public static void GateForward<T>(int pixels, ReadOnlySpan<T> x, ReadOnlySpan<T> s, Span<T> y)
        where T : IFloatingPointIeee754<T> => NaiveGate.Forward(pixels, x, s, y);

    /// <inheritdoc cref="NaiveGate.BackwardFactors"/>
    public static void GateBackwardFactors<T>(int pixels, ReadOnlySpan<T> x, ReadOnlySpan<T> dy, Span<T> ds)
        where T : IFloatingPointIeee754<T> => NaiveGate.BackwardFactors(pixels, x, dy, ds);

    /// <inheritdoc cref="NaiveAdaptive.PoolForward"/>
    public static void AdaptiveForward<T>(bool max, int planes, AdaptiveWindow rows, AdaptiveWindow columns, ReadOnlySpan<T> x, Span<T> y)
        where T : IFloatingPointIeee754<T> => NaiveAdaptive.PoolForward(max, planes, rows, columns, x, y);

    /// <inheritdoc cref="NaiveAdaptive.PoolBackward"/>
    public static void AdaptiveBackward<T>(bool max, int planes, AdaptiveWindow rows, AdaptiveWindow columns, ReadOnlySpan<T> x, ReadOnlySpan<T> dy, Span<T> dx)
        where T : IFloatingPointIeee754<T> => NaiveAdaptive.PoolBackward(max, planes, rows, columns, x, dy, dx);

    /// <inheritdoc cref="NaiveLpPooling.Forward"/>
    public static void LpPoolingForward<T>(in PoolShape s, T norm, ReadOnlySpan<T> x, Span<T> y)
        where T : IFloatingPointIeee754<T> => NaiveLpPooling.Forward(s, norm, x, y);

    /// <inheritdoc cref="NaiveLpPooling.Backward"/>
    public static void LpPoolingBackward<T>(in PoolShape s, T norm, ReadOnlySpan<T> x, ReadOnlySpan<T> y, ReadOnlySpan<T> dy, Span<T> dx)
        where T : IFloatingPointIeee754<T> => NaiveLpPooling.Backward(s, norm, x, y, dy, dx);

    /// <inheritdoc cref="NaivePooling.MaxIndices"/>
    public static void MaxPoolingIndices<T>(in PoolShape s, ReadOnlySpan<T> x, Span<int> indices)
        where T : IFloatingPointIeee754<T> => NaivePooling.MaxIndices(s, x, indices);

    /// <inheritdoc cref="NaiveUnpooling.Forward"/>
    public static void UnpoolingForward<T>(int planes, int large, int small, ReadOnlySpan<int> indices, ReadOnlySpan<T> v, Span<T> x)
        where T : IFloatingPointIeee754<T> => NaiveUnpooling.Forward(planes, large, small, indices, v, x);

    /// <inheritdoc cref="NaiveUnpooling.Backward"/>
    public static void UnpoolingBackward<T>(int planes, int large, int small, ReadOnlySpan<int> indices, ReadOnlySpan<T> dx, Span<T> dv)
        where T : IFloatingPointIeee754<T> => NaiveUnpooling.Backward(planes, large, small, indices, dx, dv);

    /// <inheritdoc cref="NaiveResampling.Forward"/>
    public static void ResamplingForward<T>(in ResampleShape s, ReadOnlySpan<T> x, Span<T> y)
        where T : IFloatingPointIeee754<T> => NaiveResampling.Forward(s, x, y);

    /// <inheritdoc cref="NaiveResampling.Backward"/>
    public static void ResamplingBackward<T>(in ResampleShape s, ReadOnlySpan<T> dy, Span<T> dx)
        where T : IFloatingPointIeee754<T> => NaiveResampling.Backward(s, dy, dx);
}
