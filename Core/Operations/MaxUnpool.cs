using Fovea.Core.Dispatch;
using Fovea.Core.Shapes;
using Fovea.Core.Tensors;

namespace Fovea.Core.Operations;

// v, indices   N × C × P × Q
// y            N × C × H × W

/// <summary>Max-unpooling of tensors, and its gradient: values go back to where a max pooling found them.</summary>
public static class MaxUnpool
{
    /// <summary>The values at their places, zeros elsewhere; where values share a place, the last stays.</summary>
    /// <param name="v">N×C×P×Q.</param>
    /// <param name="indices">Each value's place i·W + j in its channel, as <see cref="MaxPool.Indices"/> gives them; as v.</param>
    /// <param name="to">H×W.</param>
    /// <returns>N×C×H×W.</returns>
    /// <exception cref="ShapeException">The shapes differ, or a place lies outside.</exception>
    public static Tensor Forward(Tensor v, Tensor indices, Size to)
    {
        ArgumentNullException.ThrowIfNull(v);
        int[] places = Places(v.Shape, indices, to);
        Tensor y = Tensor.Zeros(new Shape(v.Shape[0], v.Shape[1], to.Height, to.Width));
        Reference.UnpoolingForward<float>(v.Shape[0] * v.Shape[1], to.Height * to.Width, v.Shape[2] * v.Shape[3], places, v.Values, y.Values);
        return y;
    }

    /// <summary>dv: the gradient at each value's place.</summary>
    /// <param name="dy">N×C×H×W.</param>
    /// <param name="indices">As in the forward pass, N×C×P×Q.</param>
    /// <returns>N×C×P×Q.</returns>
    /// <exception cref="ShapeException">The shapes do not fit together, or a place lies outside.</exception>
    public static Tensor Backward(Tensor dy, Tensor indices)
    {
        ArgumentNullException.ThrowIfNull(dy);
        ArgumentNullException.ThrowIfNull(indices);
        Ranks.Images("maxUnpool", dy.Shape);
        int[] places = Places(indices.Shape, indices, (dy.Shape[2], dy.Shape[3]));
        Ranks.Same("maxUnpool", "dy of", new Shape(indices.Shape[0], indices.Shape[1], dy.Shape[2], dy.Shape[3]), dy.Shape);
        Tensor dv = Tensor.Zeros(indices.Shape);
        Reference.UnpoolingBackward<float>(dv.Shape[0] * dv.Shape[1], dy.Shape[2] * dy.Shape[3], dv.Shape[2] * dv.Shape[3], places, dy.Values, dv.Values);
        return dv;
    }

    private static int[] Places(Shape v, Tensor indices, Size to)
    {
        ArgumentNullException.ThrowIfNull(indices);
        Ranks.Images("maxUnpool", v);
        Ranks.Same("maxUnpool", "indices as the values,", v, indices.Shape);
        int pixels = checked(to.Height * to.Width);
        foreach (float index in indices.Values)
        {
            if (!(index >= 0 && index < pixels && index == MathF.Floor(index)))
            {
                throw new ShapeException("maxUnpool", $"index {index} is no place in an image of {to}", "give the indices of a max pooling of such images");
            }
        }

        return [.. indices.Values.Select(index => (int)index)];
    }
}
