using Fovea.Core.Formats;
using Fovea.Core.Shapes;
using Fovea.Core.Tensors;

namespace Fovea.Core.Pictures;

/// <summary>Tensors as images.</summary>
public static class TensorImages
{
    /// <summary>
    /// The image of a tensor: (3, height, width) in its colours, (1, height, width) or (height, width) by a colour map.
    /// </summary>
    /// <param name="tensor">The tensor.</param>
    /// <param name="range">The numbers from the darkest to the brightest; its smallest to its largest unless given.</param>
    /// <param name="map">The colours of a tensor of one channel; grey unless given.</param>
    /// <exception cref="ShapeException">The tensor is of another shape, or empty.</exception>
    public static Image Of(Tensor tensor, ValueRange? range = null, ColourMap? map = null)
    {
        ArgumentNullException.ThrowIfNull(tensor);
        ValueRange shown = range ?? ValueRange.Of(tensor);
        ColourMap colours = map ?? ColourMap.Grey;
        Tensor planes = tensor.Rank == 2 ? tensor.Unsqueeze(0) : tensor;
        if (planes.Rank != 3 || planes.Shape[0] is not (1 or 3) || planes.Count == 0)
        {
            throw new ShapeException("image", $"expected (3, height, width), (1, height, width) or (height, width), got {tensor.Shape}", "take one image of a batch, or one channel: t.Take(0)");
        }

        int height = planes.Shape[1], width = planes.Shape[2], size = height * width;
        Tensor places = planes.Map(shown.Place);
        if (planes.Shape[0] == 3)
        {
            return Image.OfRaster(Raster.FromTensor(places));
        }

        Image image = Image.Blank(width, height, Colour.Black);
        for (int i = 0; i < size; i++)
        {
            image[i % width, i / width] = colours.At(places.Values[i]);
        }

        return image;
    }

    /// <summary>
    /// The images of a batch: (n, 3, height, width) or (n, 1, height, width), all by one range, so that they can be
    /// compared.
    /// </summary>
    /// <exception cref="ShapeException">The tensor is of another shape, or empty.</exception>
    public static IReadOnlyList<Image> Batch(Tensor batch, ValueRange? range = null, ColourMap? map = null)
    {
        ArgumentNullException.ThrowIfNull(batch);
        if (batch.Rank != 4 || batch.Count == 0)
        {
            throw new ShapeException("images", $"expected (images, channels, height, width), got {batch.Shape}", "add the batch axis by Unsqueeze(0)");
        }

        ValueRange shown = range ?? ValueRange.Of(batch);
        return [.. Enumerable.Range(0, batch.Shape[0]).Select(n => Of(batch.Take(n), shown, map))];
    }

    /// <summary>
    /// The channels (channels, height, width) of a stage's output, each an image by itself. All by one range unless
    /// <paramref name="each"/> is set, which shows faint ones as well.
    /// </summary>
    /// <exception cref="ShapeException">The tensor is of another shape, or empty.</exception>
    public static IReadOnlyList<Image> Channels(Tensor maps, bool each = false, ColourMap? map = null)
    {
        ArgumentNullException.ThrowIfNull(maps);
        if (maps.Rank != 3 || maps.Count == 0)
        {
            throw new ShapeException("feature maps", $"expected (channels, height, width), got {maps.Shape}", "take one image of the batch: t.Take(0)");
        }

        ValueRange all = ValueRange.Of(maps);
        // Maps without any difference, such as those of units that never answer, are dark.
        all = all.High == all.Low ? new(all.Low, all.Low + 1) : all;
        return [.. Enumerable.Range(0, maps.Shape[0]).Select(i => maps.Take(i)).Select(one => Of(one, each ? null : all, map ?? ColourMap.Viridis))];
    }

    /// <summary>
    /// The filters (filters, channels, height, width) of a convolution as images. Filters over three channels are shown
    /// in colour, zero being mid-grey; others are shown channel by channel, a row for each filter, blue below zero and
    /// red above; a weight is a pixel. One symmetric range serves all, unless <paramref name="each"/> gives every filter its own.
    /// </summary>
    /// <param name="weights">The filters.</param>
    /// <param name="each">Whether every filter has a range of its own.</param>
    /// <param name="most">The most filters shown, and the most channels of each.</param>
    /// <exception cref="ShapeException">The tensor is of another shape, or empty.</exception>
    public static Image Filters(Tensor weights, bool each = false, int most = 64)
    {
        ArgumentNullException.ThrowIfNull(weights);
        ArgumentOutOfRangeException.ThrowIfLessThan(most, 1);
        if (weights.Rank != 4 || weights.Count == 0)
        {
            throw new ShapeException("filters", $"expected (filters, channels, height, width), got {weights.Shape}", "give a convolution's weights");
        }

        ValueRange all = ValueRange.Symmetric(weights);
        Tensor[] filters = [.. Enumerable.Range(0, Math.Min(most, weights.Shape[0])).Select(i => weights.Take(i))];
        if (weights.Shape[1] == 3)
        {
            return Grid.Of(filters.Select(filter => Show(filter, filter)), gap: 1);
        }

        int channels = Math.Min(most, weights.Shape[1]);
        IEnumerable<Image> cells = filters.SelectMany(filter => Enumerable.Range(0, channels).Select(channel => Show(filter, filter.Slice(0, channel, 1))));
        return Grid.Of(cells, columns: channels == 1 ? null : channels, gap: 1);

        Image Show(Tensor filter, Tensor part) =>
            Of(part, each ? ValueRange.Symmetric(filter) : all, ColourMap.Diverging);
    }
}
