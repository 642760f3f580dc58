using Fovea.Core.Plans;
using Fovea.Core.Randomness;
using Fovea.Core.Shapes;
using Fovea.Core.Tensors;

namespace Fovea.Core.Analysis;

/// <summary>
/// What a place of a stage's output sees, as the network itself tells: the size of the gradient with respect to each
/// pixel, the mean over random images (Luo, Li, Urtasun and Zemel, "Understanding the effective receptive field", 2016).
/// Outside the receptive field it is zero, whatever the weights.
/// </summary>
public static class Footprint
{
    /// <summary>Mean absolute gradients (height, width), over images of normally distributed pixels.</summary>
    /// <param name="network">The network that ends with the stage.</param>
    /// <param name="row">The row of the place.</param>
    /// <param name="column">The column of the place.</param>
    /// <param name="images">How many random images.</param>
    /// <param name="seed">What they are drawn from, and how the output's channels are weighed.</param>
    /// <exception cref="ShapeException">Input or output are no images, or there is no such place.</exception>
    public static Tensor Of(Inspector network, int row, int column, int images, int seed)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentOutOfRangeException.ThrowIfLessThan(images, 1);
        (Shape input, Shape output) = (network.Graph.Input, network.Graph.OutputShape);
        if (input.Rank != 3 || output.Rank != 3)
        {
            throw new ShapeException("receptive field", $"expected a stage from images to (channels, height, width), got {input} to {output}", "name a stage before flatten");
        }

        if (row < 0 || row >= output[1] || column < 0 || column >= output[2])
        {
            throw new ShapeException("receptive field", $"there is no place ({row}, {column}) in an output of {output}", $"choose a row below {output[1]} and a column below {output[2]}");
        }

        RandomKey key = RandomKey.Of(seed).Child("footprint");
        Tensor pixels = Tensor.Normal(input.Prepend(images), key.Child("images"));

        // Channels weighed by random numbers: of equal weights, neighbours could cancel.
        Tensor weights = Tensor.Normal(new Shape(images, output[0]), key.Child("channels"));
        Tensor gradient = network.InputGradient(pixels, outputs => Tensor.Generate(images, output[0], output[1], output[2], (n, c, y, x) => y == row && x == column ? weights[n, c] : 0));
        return Tensor.Abs(gradient).Mean(0).Mean(0);
    }
}
