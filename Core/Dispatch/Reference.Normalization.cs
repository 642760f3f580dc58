using System.Numerics;
using Fovea.Core.Kernels.Naive;

namespace Fovea.Core.Dispatch;

public static partial class Reference
{
    /// <inheritdoc cref="NaiveBatchNorm.Statistics"/>
    public static void BatchStatistics<T>(int n, int c, int pixels, ReadOnlySpan<T> x, Span<T> mean, Span<T> variance)
        where T : IFloatingPointIeee754<T> => NaiveBatchNorm.Statistics(n, c, pixels, x, mean, variance);

    /// <inheritdoc cref="NaiveBatchNorm.Forward"/>
    public static void BatchNormForward<T>(int n, int c, int pixels, ReadOnlySpan<T> x, ReadOnlySpan<T> mean, ReadOnlySpan<T> variance, T epsilon, ReadOnlySpan<T> scale, ReadOnlySpan<T> shift, Span<T> y)
        where T : IFloatingPointIeee754<T> => NaiveBatchNorm.Forward(n, c, pixels, x, mean, variance, epsilon, scale, shift, y);

    /// <inheritdoc cref="NaiveBatchNorm.Backward"/>
    public static void BatchNormBackward<T>(int n, int c, int pixels, ReadOnlySpan<T> x, ReadOnlySpan<T> mean, ReadOnlySpan<T> variance, T epsilon, ReadOnlySpan<T> scale, ReadOnlySpan<T> dy, bool ofBatch, Span<T> dx, Span<T> dscale, Span<T> dshift)
        where T : IFloatingPointIeee754<T> => NaiveBatchNorm.Backward(n, c, pixels, x, mean, variance, epsilon, scale, dy, ofBatch, dx, dscale, dshift);
}
