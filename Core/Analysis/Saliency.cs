using Fovea.Core.Tensors;

namespace Fovea.Core.Analysis;

/// <summary>
/// What a class's output hangs on: the gradient with respect to the pixels (Simonyan, Vedaldi and Zisserman, "Deep inside
/// convolutional networks", 2013).
/// </summary>
public static class Saliency
{
    /// <summary>The largest absolute slope over the channels, for each pixel: (height, width).</summary>
    /// <param name="network">The network; its outputs are classes.</param>
    /// <param name="image">One image (channels, height, width).</param>
    /// <param name="label">The class.</param>
    public static Tensor Of(Inspector network, Tensor image, int label)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(image);
        return Tensor.Abs(network.InputGradient(image.Unsqueeze(0), outputs => OneHot(outputs, label)).Take(0)).Max(0);
    }

    /// <summary>The gradient that is 1 at one class and 0 elsewhere.</summary>
    internal static Tensor OneHot(Tensor outputs, int label) =>
        Tensor.OneHot([.. Enumerable.Repeat(label, outputs.Shape[0])], outputs.Shape[1]);
}
