using Fovea.Core.Shapes;
using Fovea.Core.Tensors;

namespace Fovea.Core.Pictures;

/// <summary>A map of numbers over an image, such as where a network looks.</summary>
public static class Overlay
{
    /// <summary>
    /// The image with a map (height, width) of any size over it, stretched to the image: the larger a number, the more
    /// of its colour is seen.
    /// </summary>
    /// <param name="image">The image below.</param>
    /// <param name="heat">The map.</param>
    /// <param name="range">The numbers from none of the colour to most of it; the map's smallest to largest unless given.</param>
    /// <param name="strength">The share of the colour where the map is largest, from 0 to 1.</param>
    /// <param name="map">The colours; heat's unless given.</param>
    /// <exception cref="ShapeException">The map does not have two axes, or is empty.</exception>
    public static Image Of(Image image, Tensor heat, ValueRange? range = null, float strength = 0.6f, ColourMap? map = null)
    {
        ArgumentNullException.ThrowIfNull(image);
        ArgumentNullException.ThrowIfNull(heat);
        if (heat.Rank != 2 || heat.Count == 0)
        {
            throw new ShapeException("overlay", $"expected a map (height, width), got {heat.Shape}", "take one image and one channel");
        }

        ValueRange shown = range ?? ValueRange.Of(heat);
        Tensor finite = heat.Map(value => float.IsNaN(value) ? shown.Low : value); // What is not known shows the image.
        Image places = Resizing.Bilinear(TensorImages.Of(finite, shown), image.Width, image.Height);
        Image result = Image.Blank(image.Width, image.Height, Colour.Black);
        for (int y = 0; y < image.Height; y++)
        {
            for (int x = 0; x < image.Width; x++)
            {
                float place = places[x, y].R / 255f;
                result[x, y] = image[x, y].Mix((map ?? ColourMap.Heat).At(place), place * strength);
            }
        }

        return result;
    }
}
