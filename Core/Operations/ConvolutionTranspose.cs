using Fovea.Core.Dispatch;
using Fovea.Core.Shapes;
using Fovea.Core.Tensors;

namespace Fovea.Core.Operations;

// x   N × C × H × W
// w   C × K/groups × R × S
// b   K
// y   N × K × P × Q

/// <summary>
/// Transposed convolution of tensors, and its gradients: what the convolution from y's shape to x's, with the same weights,
/// computes for the gradient of its input, for its output, and for the gradient of its weights.
/// </summary>
public static class ConvolutionTranspose
{
    /// <summary>y, plus b for each filter if it is given.</summary>
    /// <param name="x">N×C×H×W.</param>
    /// <param name="w">C×(K/groups)×R×S.</param>
    /// <param name="b">K, or null.</param>
    /// <param name="options">Stride, padding (what is taken away), dilation, groups and algorithm (one for backward input).</param>
    /// <param name="outputPadding">Rows and columns added below and to the right, less than the stride or the dilation.</param>
    /// <returns>N×K×P×Q.</returns>
    /// <exception cref="ShapeException">The shapes do not fit together.</exception>
    public static Tensor Forward(Tensor x, Tensor w, Tensor? b = null, ConvolutionOptions? options = null, Size outputPadding = default)
    {
        ArgumentNullException.ThrowIfNull(x);
        ArgumentNullException.ThrowIfNull(w);
        ConvShape s = Sizes(x.Shape, w.Shape, options, outputPadding);
        Tensor y = Convolution.BackwardInput(s.Input, w, x, Adjoint(s, options));
        if (b is null)
        {
            return y;
        }

        Ranks.Same("convTranspose", "a bias for each filter,", new Shape(s.C), b.Shape);
        return Channels.Affine(y, Tensor.Ones(b.Shape), b);
    }

    /// <summary>dx.</summary>
    /// <param name="x">The shape of x, N×C×H×W.</param>
    /// <param name="w">C×(K/groups)×R×S.</param>
    /// <param name="dy">N×K×P×Q.</param>
    /// <param name="options">As in the forward pass.</param>
    /// <param name="outputPadding">As in the forward pass.</param>
    /// <returns>N×C×H×W.</returns>
    /// <exception cref="ShapeException">The shapes do not fit together.</exception>
    public static Tensor BackwardInput(Shape x, Tensor w, Tensor dy, ConvolutionOptions? options = null, Size outputPadding = default)
    {
        ArgumentNullException.ThrowIfNull(w);
        ArgumentNullException.ThrowIfNull(dy);
        ConvShape s = Sizes(x, w.Shape, options, outputPadding);
        Ranks.Same("convTranspose", "dy of the output's shape", s.Input, dy.Shape);
        return Convolution.Forward(dy, w, null, Adjoint(s, options));
    }

    /// <summary>dw, summed over the images.</summary>
    /// <param name="x">N×C×H×W.</param>
    /// <param name="weights">The shape of w, C×(K/groups)×R×S.</param>
    /// <param name="dy">N×K×P×Q.</param>
    /// <param name="options">As in the forward pass.</param>
    /// <param name="outputPadding">As in the forward pass.</param>
    /// <returns>C×(K/groups)×R×S.</returns>
    /// <exception cref="ShapeException">The shapes do not fit together.</exception>
    public static Tensor BackwardWeights(Tensor x, Shape weights, Tensor dy, ConvolutionOptions? options = null, Size outputPadding = default)
    {
        ArgumentNullException.ThrowIfNull(x);
        ArgumentNullException.ThrowIfNull(dy);
        ConvShape s = Sizes(x.Shape, weights, options, outputPadding);
        Ranks.Same("convTranspose", "dy of the output's shape", s.Input, dy.Shape);
        return Convolution.BackwardWeights(dy, weights, x, Adjoint(s, options));
    }

    /// <summary>db: each filter's sum of dy over images and pixels.</summary>
    /// <param name="dy">N×K×P×Q.</param>
    /// <returns>K.</returns>
    /// <exception cref="ShapeException">dy is no batch of images.</exception>
    public static Tensor BackwardBias(Tensor dy) => Channels.Sum(dy);

    /// <summary>The sizes of the convolution that takes y's shape to x's.</summary>
    private static ConvShape Sizes(Shape x, Shape w, ConvolutionOptions? options, Size outputPadding)
    {
        options ??= new();
        Ranks.Images("convTranspose", x);
        ArgumentNullException.ThrowIfNull(w);
        if (w.Rank != 4 || w[0] != x[1])
        {
            throw new ShapeException("convTranspose", $"expected 4D weights (channels, filters / groups, height, width) for the {x[1]} channels of {x}, got {w}", "weights begin with the input's channels");
        }

        if (options.Border != Border.Zeros)
        {
            throw new ShapeException("convTranspose", $"padding takes away from the output, so that there is nothing to fill with {options.Border}", "leave the border away");
        }

        return TransposedConvolution.Of(x, w[1] * options.Groups, (w[2], w[3]), options.Stride, options.Dilation, options.Vertical, options.Horizontal, outputPadding, options.Groups);
    }

    private static ConvolutionOptions Adjoint(ConvShape s, ConvolutionOptions? options) =>
        (options ?? new()) with { Vertical = Padding.Of(s.Vertical.Low, s.Vertical.High), Horizontal = Padding.Of(s.Horizontal.Low, s.Horizontal.High) };
}
