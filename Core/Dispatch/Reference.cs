using System.Numerics;
using Fovea.Core.Kernels.Naive;
using Fovea.Core.Shapes;

namespace Fovea.Core.Dispatch;

/// <summary>
/// The naive kernels in the precision of T, for the witness: a plan interpreted with these, in double precision, is what
/// gradients and fast algorithms are held against.
/// </summary>
public static partial class Reference
{
    /// <inheritdoc cref="NaiveConvolution.Forward"/>
    public static void ConvolutionForward<T>(in ConvShape s, ReadOnlySpan<T> x, ReadOnlySpan<T> w, ReadOnlySpan<T> b, Span<T> y)
        where T : IFloatingPointIeee754<T> => NaiveConvolution.Forward(s, x, w, b, y);

    /// <inheritdoc cref="NaiveConvolution.BackwardInput"/>
    public static void ConvolutionBackwardInput<T>(in ConvShape s, ReadOnlySpan<T> dy, ReadOnlySpan<T> w, Span<T> dx)
        where T : IFloatingPointIeee754<T> => NaiveConvolution.BackwardInput(s, dy, w, dx);

    /// <inheritdoc cref="NaiveConvolution.BackwardWeights"/>
    public static void ConvolutionBackwardWeights<T>(in ConvShape s, ReadOnlySpan<T> x, ReadOnlySpan<T> dy, Span<T> dw)
        where T : IFloatingPointIeee754<T> => NaiveConvolution.BackwardWeights(s, x, dy, dw);

    /// <inheritdoc cref="NaivePooling.MaxForward"/>
    public static void MaxPoolingForward<T>(in PoolShape s, ReadOnlySpan<T> x, Span<T> y, Span<int> taps)
        where T : IFloatingPointIeee754<T> => NaivePooling.MaxForward(s, x, y, taps);

    /// <inheritdoc cref="NaivePooling.MaxBackward"/>
    public static void MaxPoolingBackward<T>(in PoolShape s, ReadOnlySpan<T> dy, ReadOnlySpan<int> taps, Span<T> dx)
        where T : IFloatingPointIeee754<T> => NaivePooling.MaxBackward(s, dy, taps, dx);

    /// <inheritdoc cref="NaivePooling.AverageForward"/>
    public static void AveragePoolingForward<T>(in PoolShape s, ReadOnlySpan<T> x, ReadOnlySpan<int> divisors, Span<T> y)
        where T : IFloatingPointIeee754<T> => NaivePooling.AverageForward(s, x, divisors, y);

    /// <inheritdoc cref="NaivePooling.AverageBackward"/>
    public static void AveragePoolingBackward<T>(in PoolShape s, ReadOnlySpan<T> dy, ReadOnlySpan<int> divisors, Span<T> dx)
        where T : IFloatingPointIeee754<T> => NaivePooling.AverageBackward(s, dy, divisors, dx);

    /// <inheritdoc cref="NaiveChannels.Sum"/>
    public static void ChannelSum<T>(int n, int c, int pixels, ReadOnlySpan<T> dy, Span<T> sums)
        where T : IFloatingPointIeee754<T> => NaiveChannels.Sum(n, c, pixels, dy, sums);

    /// <inheritdoc cref="NaiveChannels.Affine"/>
    public static void ChannelAffine<T>(int n, int c, int pixels, ReadOnlySpan<T> x, ReadOnlySpan<T> scale, ReadOnlySpan<T> shift, Span<T> y)
        where T : IFloatingPointIeee754<T> => NaiveChannels.Affine(n, c, pixels, x, scale, shift, y);

    /// <inheritdoc cref="NaiveSoftmax.Forward"/>
    public static void SoftmaxForward<T>(int n, int k, int inner, ReadOnlySpan<T> x, Span<T> y)
        where T : IFloatingPointIeee754<T> => NaiveSoftmax.Forward(n, k, inner, x, y);

    /// <inheritdoc cref="NaiveSoftmax.Backward"/>
    public static void SoftmaxBackward<T>(int n, int k, int inner, ReadOnlySpan<T> y, ReadOnlySpan<T> dy, Span<T> dx)
        where T : IFloatingPointIeee754<T> => NaiveSoftmax.Backward(n, k, inner, y, dy, dx);

    /// <inheritdoc cref="NaiveSoftmax.LogForward"/>
    public static void LogSoftmaxForward<T>(int n, int k, int inner, ReadOnlySpan<T> x, Span<T> y)
        where T : IFloatingPointIeee754<T> => NaiveSoftmax.LogForward(n, k, inner, x, y);

    /// <inheritdoc cref="NaiveSoftmax.LogBackward"/>
    public static void LogSoftmaxBackward<T>(int n, int k, int inner, ReadOnlySpan<T> y, ReadOnlySpan<T> dy, Span<T> dx)
        where T : IFloatingPointIeee754<T> => NaiveSoftmax.LogBackward(n, k, inner, y, dy, dx);
}
