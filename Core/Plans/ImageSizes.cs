using Fovea.Core.Dispatch;
using Fovea.Core.Shapes;

namespace Fovea.Core.Plans;

/// <summary>A shape as images have it: channels and pixels. A vector is an image of one pixel.</summary>
internal readonly record struct ImageSizes(int C, int Pixels)
{
    /// <summary>The first extent is the channels, the others the pixels.</summary>
    public static ImageSizes Of(Shape shape) => shape.Rank == 0 ? new(1, 1) : new(shape[0], shape[0] == 0 ? 0 : shape.Count / shape[0]);

    /// <summary>A batch of such images.</summary>
    public ImageBatch Batch(int images, Layout layout) => new(images, C, Pixels, layout);
}
