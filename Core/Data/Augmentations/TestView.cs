using Fovea.Core.Shapes;
using Fovea.Core.Tensors;
using static System.FormattableString;

namespace Fovea.Core.Data;

/// <summary>
/// One way of looking at an image, without chance: mirrored or not, then moved by whole pixels. A network that is asked about
/// several views of an image, and whose answers are averaged, is right more often.
/// </summary>
/// <param name="Mirrored">Whether left and right are exchanged.</param>
/// <param name="Down">Rows by which the image is moved down, or up where negative.</param>
/// <param name="Right">Columns by which it is moved right, or left where negative.</param>
/// <param name="Border">What comes in from beyond the border.</param>
public sealed record TestView(bool Mirrored = false, int Down = 0, int Right = 0, Border Border = Border.Reflect)
{
    /// <summary>The images, N×C×H×W, seen so.</summary>
    /// <exception cref="ShapeException">They are no batch of images.</exception>
    public Tensor Of(Tensor images)
    {
        ArgumentNullException.ThrowIfNull(images);
        if (images.Rank != 4)
        {
            throw new ShapeException("view", $"expected images (N, C, H, W), got {images.Shape}", "give a batch of images");
        }

        Tensor seen = Tensor.Zeros(images.Shape);
        Shape image = images.Shape.Tail;
        float[] mirrored = new float[image.Count];
        for (int n = 0; n < images.Shape[0]; n++)
        {
            ReadOnlySpan<float> source = images.Values.AsSpan(n * image.Count, image.Count);
            if (Mirrored)
            {
                ImageMoves.Mirror(source, mirrored, image);
                source = mirrored;
            }

            ImageMoves.Move(source, seen.Values.AsSpan(n * image.Count, image.Count), image, Down, Right, Border);
        }

        return seen;
    }

    /// <summary>What it is: <c>mirrored, moved (1, -1)</c>.</summary>
    public override string ToString() => (Mirrored, Down, Right) switch
    {
        (false, 0, 0) => "as it is",
        (true, 0, 0) => "mirrored",
        _ => Invariant($"{(Mirrored ? "mirrored, " : "")}moved ({Down}, {Right})"),
    };
}
