using Fovea.Core.Dispatch;
using Fovea.Core.Shapes;
using Fovea.Core.Tensors;

namespace Fovea.Core.Operations;

/// <summary>Softmax along an axis, and its logarithm.</summary>
public static class Softmax
{
    /// <summary>y = exp(x) / Σ exp(x) along an axis, without overflow.</summary>
    /// <param name="x">Any shape.</param>
    /// <param name="axis">The axis; negative ones count from the end.</param>
    /// <returns>y, of the shape of x.</returns>
    /// <exception cref="ShapeException">There is no such axis.</exception>
    public static Tensor Forward(Tensor x, int axis = -1)
    {
        AxisShape along = Along(x, axis);
        Tensor y = Tensor.Zeros(x.Shape);
        Reference.SoftmaxForward<float>(along.Outer, along.Length, along.Inner, x.Values, y.Values);
        return y;
    }

    /// <summary>dx = y · (dy − Σ dy·y) along an axis.</summary>
    /// <param name="x">What the forward pass was given.</param>
    /// <param name="dy">The gradient with respect to its result.</param>
    /// <param name="axis">The axis; negative ones count from the end.</param>
    /// <returns>dx, of the shape of x.</returns>
    /// <exception cref="ShapeException">The shapes differ, or there is no such axis.</exception>
    public static Tensor Backward(Tensor x, Tensor dy, int axis = -1)
    {
        AxisShape along = Along(x, dy, axis);
        Tensor dx = Tensor.Zeros(x.Shape);
        Reference.SoftmaxBackward<float>(along.Outer, along.Length, along.Inner, Forward(x, axis).Values, dy.Values, dx.Values);
        return dx;
    }

    /// <summary>y = x − ln Σ exp(x) along an axis, without overflow.</summary>
    /// <inheritdoc cref="Forward"/>
    public static Tensor LogForward(Tensor x, int axis = -1)
    {
        AxisShape along = Along(x, axis);
        Tensor y = Tensor.Zeros(x.Shape);
        Reference.LogSoftmaxForward<float>(along.Outer, along.Length, along.Inner, x.Values, y.Values);
        return y;
    }

    /// <summary>dx = dy − exp(y) · Σ dy along an axis.</summary>
    /// <inheritdoc cref="Backward"/>
    public static Tensor LogBackward(Tensor x, Tensor dy, int axis = -1)
    {
        AxisShape along = Along(x, dy, axis);
        Tensor dx = Tensor.Zeros(x.Shape);
        Reference.LogSoftmaxBackward<float>(along.Outer, along.Length, along.Inner, LogForward(x, axis).Values, dy.Values, dx.Values);
        return dx;
    }

    private static AxisShape Along(Tensor x, int axis)
    {
        ArgumentNullException.ThrowIfNull(x);
        return AxisShape.Of("softmax", x.Shape, axis);
    }

    private static AxisShape Along(Tensor x, Tensor dy, int axis)
    {
        AxisShape along = Along(x, axis);
        ArgumentNullException.ThrowIfNull(dy);
        Ranks.Same("softmax", "dy of the input's shape", x.Shape, dy.Shape);
        return along;
    }
}
