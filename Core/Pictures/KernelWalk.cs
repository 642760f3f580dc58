using System.Globalization;
using Fovea.Core.Shapes;
using Fovea.Core.Tensors;

namespace Fovea.Core.Pictures;

/// <summary>A kernel that slides over an image, step by step: the image with the window, the kernel, the output so far.</summary>
public static class KernelWalk
{
    private static readonly Colour Window = new(255, 170, 20);

    /// <summary>The most frames unless another number of steps is asked for: half a minute of film.</summary>
    public const int MostFrames = 256;

    /// <summary>The fewest steps from frame to frame that keep an output of that size within <see cref="MostFrames"/>.</summary>
    public static int Every(int outputs) => Math.Max(1, (outputs + MostFrames - 1) / MostFrames);

    /// <summary>A frame for every so manieth number of the output, row by row, and for the last one.</summary>
    /// <param name="image">The image as it is shown.</param>
    /// <param name="kernel">The kernel (rows, columns).</param>
    /// <param name="output">What comes out (rows, columns).</param>
    /// <param name="vertical">The window along the height.</param>
    /// <param name="horizontal">The window along the width.</param>
    /// <param name="scale">The side of a pixel.</param>
    /// <param name="every">Steps from frame to frame; the output is filled in for those between as well.</param>
    /// <exception cref="ShapeException">Kernel or output are not (rows, columns), or the windows do not give that output.</exception>
    public static IReadOnlyList<Image> Frames(Image image, Tensor kernel, Tensor output, Window vertical, Window horizontal, int scale, int every = 1)
    {
        ArgumentNullException.ThrowIfNull(image);
        ArgumentNullException.ThrowIfNull(kernel);
        ArgumentNullException.ThrowIfNull(output);
        ArgumentOutOfRangeException.ThrowIfLessThan(every, 1);
        if (kernel.Rank != 2 || output.Rank != 2 || output.Shape != new Shape(vertical.Output(image.Height), horizontal.Output(image.Width)))
        {
            throw new ShapeException("kernel walk", $"expected a kernel and an output (rows, columns) that fit {image}, got {kernel.Shape} and {output.Shape}", "give the output of this kernel over this image");
        }

        // Room for the padding on all sides, so that the image keeps its place from frame to frame.
        (int top, int left) = (vertical.Low, horizontal.Low);
        int rows = Math.Max(top + image.Height + vertical.High, vertical.Start(output.Shape[0] - 1) + top + vertical.Extent);
        int columns = Math.Max(left + image.Width + horizontal.High, horizontal.Start(output.Shape[1] - 1) + left + horizontal.Extent);
        Image padded = Image.Blank(columns * scale, rows * scale, Colour.Grey(16));
        padded.Draw(Resizing.Enlarge(image, scale), left * scale, top * scale);
        // The weights are what one looks at: half as large as the image, however small the kernel.
        int large = Math.Max(scale, Math.Min(padded.Width, padded.Height) / 2 / Math.Max(kernel.Shape[0], kernel.Shape[1]));
        Image weights = Resizing.Enlarge(TensorImages.Of(kernel, ValueRange.Symmetric(kernel), ColourMap.Diverging), large);
        ValueRange range = ValueRange.Symmetric(output);
        Image soFar = Image.Blank(output.Shape[1] * scale, output.Shape[0] * scale, Colour.Grey(64));
        int filled = 0;
        return [.. Enumerable.Range(0, output.Count).Where(place => place % every == 0 || place == output.Count - 1).Select(Frame)];

        Image Frame(int place)
        {
            (int p, int q) = (place / output.Shape[1], place % output.Shape[1]);
            for (; filled <= place; filled++)
            {
                Colour colour = ColourMap.Diverging.At(range.Place(output.Values[filled]));
                soFar.Fill(filled % output.Shape[1] * scale, filled / output.Shape[1] * scale, scale, scale, colour);
            }

            Image under = padded.Crop(0, 0, padded.Width, padded.Height);
            Outline.Frame(under, (left + horizontal.Start(q)) * scale, (top + vertical.Start(p)) * scale, horizontal.Extent * scale, vertical.Extent * scale, Math.Max(1, scale / 4), Window);
            Image made = soFar.Crop(0, 0, soFar.Width, soFar.Height);
            Outline.Frame(made, q * scale, p * scale, scale, scale, Math.Max(1, scale / 6), Window);
            string value = output.Values[place].ToString("0.###", CultureInfo.InvariantCulture);
            return Grid.Of([under, weights, made], columns: 3, gap: 8, labels: ["image", "kernel", $"output {value}"]);
        }
    }
}
