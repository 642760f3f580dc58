using System.Numerics;
using Fovea.Core.Kernels.Naive;
using Fovea.Core.Shapes;

namespace Fovea.Core.Dispatch;

public static partial class Reference
{
    /// <inheritdoc cref="NaiveLocal.Forward"/>
    public static void LocalForward<T>(in ConvShape s, ReadOnlySpan<T> x, ReadOnlySpan<T> w, ReadOnlySpan<T> b, Span<T> y)
        where T : IFloatingPointIeee754<T> => NaiveLocal.Forward(s, x, w, b, y);

    /// <inheritdoc cref="NaiveLocal.BackwardInput"/>
    public static void LocalBackwardInput<T>(in ConvShape s, ReadOnlySpan<T> dy, ReadOnlySpan<T> w, Span<T> dx)
        where T : IFloatingPointIeee754<T> => NaiveLocal.BackwardInput(s, dy, w, dx);

    /// <inheritdoc cref="NaiveLocal.BackwardWeights"/>
    public static void LocalBackwardWeights<T>(in ConvShape s, ReadOnlySpan<T> x, ReadOnlySpan<T> dy, Span<T> dw)
        where T : IFloatingPointIeee754<T> => NaiveLocal.BackwardWeights(s, x, dy, dw);

    /// <summary>db from dy: every output has a bias of its own, as many channels of one pixel.</summary>
    public static void LocalBiasGradient<T>(in ConvShape s, ReadOnlySpan<T> dy, Span<T> db)
        where T : IFloatingPointIeee754<T> => ChannelSum(s.N, s.K * s.P * s.Q, 1, dy, db);
}
