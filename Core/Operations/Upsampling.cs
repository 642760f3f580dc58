using Fovea.Core.Dispatch;
using Fovea.Core.Shapes;
using Fovea.Core.Tensors;

namespace Fovea.Core.Operations;

// x   N × C × H × W
// y   N × C × P × Q

/// <summary>Images brought to another size, as PyTorch's interpolate with 'nearest' and 'bilinear', and the gradient of that.</summary>
public static class Upsampling
{
    /// <summary>The images in another size.</summary>
    /// <param name="x">N×C×H×W.</param>
    /// <param name="to">P×Q; smaller ones are sampled without smoothing.</param>
    /// <param name="bilinear">Whether pixels are interpolated; otherwise the nearest is copied.</param>
    /// <param name="alignCorners">Whether the outermost pixels fall on each other in interpolating, not their outer borders.</param>
    /// <returns>N×C×P×Q.</returns>
    /// <exception cref="ShapeException">There would be no image.</exception>
    public static Tensor Forward(Tensor x, Size to, bool bilinear = false, bool alignCorners = false)
    {
        ArgumentNullException.ThrowIfNull(x);
        return Resample.Forward(Sizes(x.Shape, to, bilinear, alignCorners), x, Workers.Shared);
    }

    /// <summary>dx: each output's gradient goes to the pixels that it was made of, by their shares.</summary>
    /// <param name="input">The shape of x, N×C×H×W.</param>
    /// <param name="dy">N×C×P×Q.</param>
    /// <param name="bilinear">As in the forward pass.</param>
    /// <param name="alignCorners">As in the forward pass.</param>
    /// <returns>N×C×H×W.</returns>
    /// <exception cref="ShapeException">dy is no batch of as many images and channels.</exception>
    public static Tensor Backward(Shape input, Tensor dy, bool bilinear = false, bool alignCorners = false)
    {
        ArgumentNullException.ThrowIfNull(dy);
        Ranks.Images("upsample", dy.Shape);
        return Resample.Backward("upsample", Sizes(input, (dy.Shape[2], dy.Shape[3]), bilinear, alignCorners), dy, Workers.Shared);
    }

    private static ResampleShape Sizes(Shape input, Size to, bool bilinear, bool alignCorners)
    {
        Ranks.Images("upsample", input);
        if (to.Height < 1 || to.Width < 1 || input[2] < 1 || input[3] < 1)
        {
            throw new ShapeException("upsample", $"cannot bring {input[2]}×{input[3]} to {to}", "both sizes must be 1 or more");
        }

        ResampledAxis Axis(int length, int outputs) =>
            bilinear ? ResampledAxis.Linear(length, outputs, alignCorners) : ResampledAxis.Nearest(length, outputs);
        return new(input[0], input[1], Axis(input[2], to.Height), Axis(input[3], to.Width));
    }
}
