using Fovea.Core.Plans;
using Fovea.Core.Shapes;
using Fovea.Core.Tensors;

namespace Fovea.Core.Analysis;

/// <summary>
/// Where a class is seen: a stage's feature maps, each weighed by the mean slope of the class's output along it, added up
/// and cut off below zero (Selvaraju et al., "Grad-CAM", 2017).
/// </summary>
public static class GradCam
{
    /// <summary>The map (height, width) of the stage's output.</summary>
    /// <param name="network">The network; its outputs are classes.</param>
    /// <param name="vertex">The stage, whose output is (channels, height, width).</param>
    /// <param name="image">One image (channels, height, width).</param>
    /// <param name="label">The class.</param>
    /// <exception cref="ShapeException">The stage's output is no image.</exception>
    public static Tensor Of(Inspector network, int vertex, Tensor image, int label)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(image);
        Vertex named = network.Graph.Vertices[vertex];
        if (named.Node.Output.Rank != 3)
        {
            throw new ShapeException("Grad-CAM", $"{named.Name} gives {named.Node.Output}, not maps (channels, height, width)", "name a stage before flatten");
        }

        (Tensor value, Tensor gradient) = network.At(vertex, image.Unsqueeze(0), outputs => Saliency.OneHot(outputs, label));
        Tensor maps = value.Take(0), slopes = gradient.Take(0);
        Tensor weights = slopes.Flatten(1).Mean(1).Reshape(maps.Shape[0], 1, 1);
        return (maps * weights).Sum(0).Map(v => Math.Max(v, 0));
    }
}
