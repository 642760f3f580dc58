using System.Numerics;
using Fovea.Core.Kernels.Naive;
using Fovea.Core.Shapes;

namespace Fovea.Core.Dispatch;

public static partial class Reference
{
    /// <inheritdoc cref="NaiveGate.Forward"/>
    public static void GateForward<T>(int pixels, ReadOnlySpan<T> x, ReadOnlySpan<T> s, Span<T> y)
        where T : IFloatingPointIeee754<T> => NaiveGate.Forward(pixels, x, s, y);

    /// <inheritdoc cref="NaiveGate.Backward"/>
    public static void GateBackward<T>(int pixels, ReadOnlySpan<T> x, ReadOnlySpan<T> s, ReadOnlySpan<T> dy, Span<T> dx, Span<T> ds)
        where T : IFloatingPointIeee754<T> => NaiveGate.Backward(pixels, x, s, dy, dx, ds);

    /// <inheritdoc cref="NaiveAdaptive.PoolForward"/>
    public static void AdaptiveForward<T>(bool max, int planes, AdaptiveWindow rows, AdaptiveWindow columns, ReadOnlySpan<T> x, Span<T> y)
        where T : IFloatingPointIeee754<T> => NaiveAdaptive.PoolForward(max, planes, rows, columns, x, y);

    /// <inheritdoc cref="NaiveAdaptive.PoolBackward"/>
    public static void AdaptiveBackward<T>(bool max, int planes, AdaptiveWindow rows, AdaptiveWindow columns, ReadOnlySpan<T> x, ReadOnlySpan<T> dy, Span<T> dx)
        where T : IFloatingPointIeee754<T> => NaiveAdaptive.PoolBackward(max, planes, rows, columns, x, dy, dx);

    /// <inheritdoc cref="NaiveUpsampling.Forward"/>
    public static void UpsamplingForward<T>(int planes, AdaptiveWindow rows, AdaptiveWindow columns, ReadOnlySpan<T> x, Span<T> y)
        where T : IFloatingPointIeee754<T> => NaiveUpsampling.Forward(planes, rows, columns, x, y);

    /// <inheritdoc cref="NaiveUpsampling.Backward"/>
    public static void UpsamplingBackward<T>(int planes, AdaptiveWindow rows, AdaptiveWindow columns, ReadOnlySpan<T> dy, Span<T> dx)
        where T : IFloatingPointIeee754<T> => NaiveUpsampling.Backward(planes, rows, columns, dy, dx);
}
