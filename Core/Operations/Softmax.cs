using Fovea.Core.Dispatch;
using Fovea.Core.Shapes;
using Fovea.Core.Tensors;

namespace Fovea.Core.Operations;

/// <summary>Softmax along the last axis: each row sums to 1.</summary>
public static class Softmax
{
    /// <summary>y = exp(x) / Σ exp(x), row by row, without overflow.</summary>
    /// <param name="x">…×K.</param>
    /// <exception cref="ShapeException">There is no axis.</exception>
    public static Tensor Forward(Tensor x)
    {
        (int rows, int classes) = Rows(x);
        Tensor y = Tensor.Zeros(x.Shape);
        Reference.SoftmaxForward<float>(rows, classes, x.Values, y.Values);
        return y;
    }

    /// <summary>dx = y · (dy − Σ dy·y), row by row.</summary>
    /// <param name="x">What the forward pass was given, …×K.</param>
    /// <param name="dy">The gradient with respect to its result.</param>
    /// <exception cref="ShapeException">The shapes differ.</exception>
    public static Tensor Backward(Tensor x, Tensor dy)
    {
        ArgumentNullException.ThrowIfNull(dy);
        (int rows, int classes) = Rows(x);
        Ranks.Same("softmax", "dy of the input's shape", x.Shape, dy.Shape);
        Tensor dx = Tensor.Zeros(x.Shape);
        Reference.SoftmaxBackward<float>(rows, classes, Forward(x).Values, dy.Values, dx.Values);
        return dx;
    }

    private static (int Rows, int Classes) Rows(Tensor x)
    {
        ArgumentNullException.ThrowIfNull(x);
        if (x.Rank == 0)
        {
            throw new ShapeException("softmax", "expected rows of classes, got a scalar", "give logits (batch, classes)");
        }

        int classes = x.Shape[-1];
        return (classes == 0 ? 0 : x.Count / classes, classes);
    }
}
