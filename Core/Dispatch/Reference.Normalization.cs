using System.Numerics;
using Fovea.Core.Kernels.Naive;
using Fovea.Core.Shapes;

namespace Fovea.Core.Dispatch;

public static partial class Reference
{
    /// <inheritdoc cref="NaiveNorm.Statistics"/>
    public static void NormStatistics<T>(in NormShape s, int n, ReadOnlySpan<T> x, Span<T> mean, Span<T> variance)
        where T : IFloatingPointIeee754<T> => NaiveNorm.Statistics(s, n, x, mean, variance);

    /// <inheritdoc cref="NaiveNorm.Forward"/>
    public static void NormForward<T>(in NormShape s, int n, ReadOnlySpan<T> x, ReadOnlySpan<T> mean, ReadOnlySpan<T> variance, T epsilon, ReadOnlySpan<T> scale, ReadOnlySpan<T> shift, Span<T> y)
        where T : IFloatingPointIeee754<T> => NaiveNorm.Forward(s, n, x, mean, variance, epsilon, scale, shift, y);

    /// <inheritdoc cref="NaiveNorm.Backward"/>
    public static void NormBackward<T>(in NormShape s, int n, ReadOnlySpan<T> x, ReadOnlySpan<T> mean, ReadOnlySpan<T> variance, T epsilon, ReadOnlySpan<T> scale, ReadOnlySpan<T> dy, bool ofGroups, Span<T> dx, Span<T> dscale, Span<T> dshift)
        where T : IFloatingPointIeee754<T> => NaiveNorm.Backward(s, n, x, mean, variance, epsilon, scale, dy, ofGroups, dx, dscale, dshift);

    /// <inheritdoc cref="NaivePrelu.Bend"/>
    public static void Bend<T>(int c, int pixels, ReadOnlySpan<T> x, ReadOnlySpan<T> v, ReadOnlySpan<T> slopes, Span<T> y)
        where T : IFloatingPointIeee754<T> => NaivePrelu.Bend(c, pixels, x, v, slopes, y);

    /// <inheritdoc cref="NaivePrelu.BackwardSlopes"/>
    public static void BendBackwardSlopes<T>(int c, int pixels, ReadOnlySpan<T> x, ReadOnlySpan<T> dy, Span<T> dslopes)
        where T : IFloatingPointIeee754<T> => NaivePrelu.BackwardSlopes(c, pixels, x, dy, dslopes);

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
