using Fovea.Core.Dispatch;
using Fovea.Core.Shapes;
using Fovea.Core.Tensors;

namespace Fovea.Core.Operations;

// x   N × C × H × W
// y   N × C × (H + top + bottom) × (W + left + right)

/// <summary>Pixels around images, and the gradient of that.</summary>
public static class ImagePadding
{
    /// <summary>The images with pixels around them, or cropped where the numbers are negative.</summary>
    /// <param name="x">N×C×H×W.</param>
    /// <param name="vertical">Above and below, in pixels.</param>
    /// <param name="horizontal">Left and right, in pixels.</param>
    /// <param name="border">What stands there.</param>
    /// <returns>N×C×(H + top + bottom)×(W + left + right).</returns>
    /// <exception cref="ShapeException">Nothing would be left, or reflection or going round takes more than there is.</exception>
    public static Tensor Forward(Tensor x, Padding vertical, Padding horizontal, Border border)
    {
        ArgumentNullException.ThrowIfNull(x);
        Ranks.Images("pad", x.Shape);
        return Forward(x, vertical.Resolve(x.Shape[2], 1), horizontal.Resolve(x.Shape[3], 1), border, Workers.Shared);
    }

    /// <summary>dx: every pixel's gradient is the sum of its copies'.</summary>
    /// <param name="input">The shape of x, N×C×H×W.</param>
    /// <param name="dy">The gradient of the padded images.</param>
    /// <param name="vertical">Above and below, in pixels.</param>
    /// <param name="horizontal">Left and right, in pixels.</param>
    /// <param name="border">What stands there.</param>
    /// <returns>N×C×H×W.</returns>
    /// <exception cref="ShapeException">As in the forward pass, or dy does not fit.</exception>
    public static Tensor Backward(Shape input, Tensor dy, Padding vertical, Padding horizontal, Border border)
    {
        Ranks.Images("pad", input);
        return Backward(input, dy, vertical.Resolve(input[2], 1), horizontal.Resolve(input[3], 1), border, Workers.Shared);
    }

    internal static Tensor Forward(Tensor x, Window vertical, Window horizontal, Border border, Workers workers) =>
        Resample.Forward(Sizes(x.Shape, vertical, horizontal, border), x, workers);

    internal static Tensor Backward(Shape input, Tensor dy, Window vertical, Window horizontal, Border border, Workers workers) =>
        Resample.Backward("pad", Sizes(input, vertical, horizontal, border), dy, workers);

    internal static ResampleShape Sizes(Shape input, Window vertical, Window horizontal, Border border) =>
        new(
            input[0],
            input[1],
            ResampledAxis.Padded(input[2], vertical.Low, vertical.High, border),
            ResampledAxis.Padded(input[3], horizontal.Low, horizontal.High, border));
}
