using Fovea.Core.Shapes;
using Fovea.Core.Tensors;

namespace Fovea.Core.Operations;

// x   N × D
// w   K × D
// b   K
// y   N × K

/// <summary>A fully connected layer's operation, y = x·wᵀ + b, and its gradients: a convolution of images of one pixel.</summary>
public static class Dense
{
    /// <summary>y = x·wᵀ, plus b if it is given.</summary>
    /// <param name="x">N×D.</param>
    /// <param name="w">K×D.</param>
    /// <param name="b">K, or null.</param>
    /// <param name="options">Algorithm and threads.</param>
    /// <returns>N×K.</returns>
    /// <exception cref="ShapeException">The shapes do not fit together.</exception>
    public static Tensor Forward(Tensor x, Tensor w, Tensor? b = null, ConvolutionOptions? options = null)
    {
        Check(x?.Shape, w?.Shape);
        return Rows(Convolution.Forward(Pixels(x!), Pixels(w!), b, options));
    }

    /// <summary>dx = dy·w.</summary>
    /// <param name="w">K×D.</param>
    /// <param name="dy">N×K.</param>
    /// <param name="options">Algorithm and threads.</param>
    /// <returns>N×D.</returns>
    /// <exception cref="ShapeException">The shapes do not fit together.</exception>
    public static Tensor BackwardInput(Tensor w, Tensor dy, ConvolutionOptions? options = null)
    {
        Matrix("w (outputs, features)", w?.Shape);
        Matrix("dy (batch, outputs)", dy?.Shape);
        return Rows(Convolution.BackwardInput(new Shape(dy!.Shape[0], w!.Shape[1], 1, 1), Pixels(w), Pixels(dy), options));
    }

    /// <summary>dw = dyᵀ·x.</summary>
    /// <param name="x">N×D.</param>
    /// <param name="dy">N×K.</param>
    /// <param name="options">Algorithm and threads.</param>
    /// <returns>K×D.</returns>
    /// <exception cref="ShapeException">The shapes do not fit together.</exception>
    public static Tensor BackwardWeights(Tensor x, Tensor dy, ConvolutionOptions? options = null)
    {
        Matrix("x (batch, features)", x?.Shape);
        Matrix("dy (batch, outputs)", dy?.Shape);
        return Rows(Convolution.BackwardWeights(Pixels(x!), new Shape(dy!.Shape[1], x!.Shape[1], 1, 1), Pixels(dy), options));
    }

    /// <summary>db: the columns' sums of dy.</summary>
    /// <param name="dy">N×K.</param>
    /// <returns>K.</returns>
    /// <exception cref="ShapeException">There is no axis of outputs.</exception>
    public static Tensor BackwardBias(Tensor dy) => Channels.Sum(dy);

    private static void Check(Shape? x, Shape? w)
    {
        Matrix("x (batch, features)", x);
        Matrix("w (outputs, features)", w);
        if (x![1] != w![1])
        {
            throw new ShapeException("dense", $"weights {w} take {w[1]} features, the input {x} has {x[1]}", "weights are (outputs, features)");
        }
    }

    private static void Matrix(string what, Shape? shape)
    {
        ArgumentNullException.ThrowIfNull(shape);
        if (shape.Rank != 2)
        {
            throw new ShapeException("dense", $"expected {what}, got {shape}", shape.Rank == 1 ? $"add the batch dimension: {shape.Prepend(1)}" : "flatten it first");
        }
    }

    private static Tensor Pixels(Tensor matrix) => matrix.Reshape(matrix.Shape[0], matrix.Shape[1], 1, 1);

    private static Tensor Rows(Tensor images) => images.Reshape(new Shape(images.Shape[0], images.Shape[1]));
}
