using Fovea.Core.Plans;
using Fovea.Core.Tensors;

namespace Fovea.Core.Analysis;

/// <summary>
/// What hiding a part of an image costs: a grey square moves over it, and the class's probability is asked again each time
/// (Zeiler and Fergus, "Visualizing and understanding convolutional networks", 2014).
/// </summary>
public static class Occlusion
{
    /// <summary>How much of the probability is lost with the square at each place: (rows, columns) of its places.</summary>
    /// <param name="network">The network; its outputs are logits.</param>
    /// <param name="image">One image (channels, height, width).</param>
    /// <param name="label">The class.</param>
    /// <param name="size">The square's side, in pixels.</param>
    /// <param name="step">How far it moves.</param>
    /// <remarks>The square is of the image's mean colour, and reaches over the border where its centre is near it.</remarks>
    public static Tensor Of(Predictor network, Tensor image, int label, int size, int step)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(image);
        ArgumentOutOfRangeException.ThrowIfLessThan(size, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(step, 1);
        int rows = (image.Shape[1] + step - 1) / step, columns = (image.Shape[2] + step - 1) / step;
        Tensor mean = image.Flatten(1).Mean(1);
        float whole = Probability(image.Unsqueeze(0), 0);
        return Tensor.Stack([.. Enumerable.Range(0, rows).Select(Row)]);

        // A row of places is a batch.
        Tensor Row(int row)
        {
            Tensor hidden = Tensor.Stack([.. Enumerable.Range(0, columns).Select(column => Hidden(image, mean, Centre(row), Centre(column), size))]);
            Tensor probabilities = Probabilities.Of(network.Run(hidden));
            return whole - probabilities.Take(label, 1);
        }

        float Probability(Tensor batch, int n) => Probabilities.Of(network.Run(batch))[n, label];

        int Centre(int place) => (place * step) + (step / 2);
    }

    private static Tensor Hidden(Tensor image, Tensor mean, int row, int column, int size)
    {
        (int top, int left) = (row - (size / 2), column - (size / 2));
        return Tensor.Generate(image.Shape[0], image.Shape[1], image.Shape[2], (c, y, x) =>
            y >= top && y < top + size && x >= left && x < left + size ? mean[c] : image[c, y, x]);
    }
}
