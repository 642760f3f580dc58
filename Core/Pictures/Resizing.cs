namespace Fovea.Core.Pictures;

/// <summary>Images in other sizes.</summary>
public static class Resizing
{
    /// <summary>Every pixel as a square of <paramref name="factor"/>×<paramref name="factor"/> pixels.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The factor is below 1.</exception>
    public static Image Enlarge(Image image, int factor)
    {
        ArgumentNullException.ThrowIfNull(image);
        ArgumentOutOfRangeException.ThrowIfLessThan(factor, 1);
        return factor == 1 ? image : Nearest(image, checked(image.Width * factor), checked(image.Height * factor));
    }

    /// <summary>An image of another size, each of its pixels that of the nearest one.</summary>
    public static Image Nearest(Image image, int width, int height)
    {
        ArgumentNullException.ThrowIfNull(image);
        Image resized = Image.Blank(width, height, Colour.Black);
        for (int y = 0; y < height; y++)
        {
            for (int x = 0; x < width; x++)
            {
                resized[x, y] = image[(int)((((2L * x) + 1) * image.Width) / (2L * width)), (int)((((2L * y) + 1) * image.Height) / (2L * height))];
            }
        }

        return resized;
    }

    /// <summary>
    /// An image of another size, its pixels mixed from the four around them; pixels' centres are matched, as in
    /// PyTorch's <c>align_corners=False</c>.
    /// </summary>
    public static Image Bilinear(Image image, int width, int height)
    {
        ArgumentNullException.ThrowIfNull(image);
        Image resized = Image.Blank(width, height, Colour.Black);
        for (int y = 0; y < height; y++)
        {
            (int top, int bottom, float down) = Between(y, height, image.Height);
            for (int x = 0; x < width; x++)
            {
                (int left, int right, float across) = Between(x, width, image.Width);
                for (int channel = 0; channel < 3; channel++)
                {
                    float above = Mix(Sample(left, top), Sample(right, top), across);
                    float below = Mix(Sample(left, bottom), Sample(right, bottom), across);
                    resized.Pixels[(((y * width) + x) * 3) + channel] = (byte)MathF.Round(Mix(above, below, down));

                    float Sample(int column, int row) => image.Pixels[(((row * image.Width) + column) * 3) + channel];
                }
            }
        }

        return resized;

        static float Mix(float a, float b, float share) => a + ((b - a) * share);
    }

    /// <summary>
    /// The image, or where it is wider than <paramref name="most"/> pixels a smaller one as wide as that, its pixels the
    /// means of what they stand for.
    /// </summary>
    public static Image Shrink(Image image, int most)
    {
        ArgumentNullException.ThrowIfNull(image);
        ArgumentOutOfRangeException.ThrowIfLessThan(most, 1);
        if (image.Width <= most)
        {
            return image;
        }

        int height = (int)Math.Max(1, Math.Round((double)image.Height * most / image.Width));
        Image small = Image.Blank(most, height, Colour.Black);
        for (int y = 0; y < height; y++)
        {
            (int top, int bottom) = Part(y, height, image.Height);
            for (int x = 0; x < most; x++)
            {
                (int left, int right) = Part(x, most, image.Width);
                small[x, y] = Mean(image, left, top, right, bottom);
            }
        }

        return small;

        static (int From, int To) Part(int position, int length, int sourceLength)
        {
            int from = (int)((long)position * sourceLength / length);
            return (from, Math.Max(from + 1, (int)((position + 1L) * sourceLength / length)));
        }
    }

    private static Colour Mean(Image image, int left, int top, int right, int bottom)
    {
        long r = 0, g = 0, b = 0, count = (long)(right - left) * (bottom - top);
        for (int y = top; y < bottom; y++)
        {
            for (int x = left; x < right; x++)
            {
                Colour colour = image[x, y];
                (r, g, b) = (r + colour.R, g + colour.G, b + colour.B);
            }
        }

        return new((byte)((r + (count / 2)) / count), (byte)((g + (count / 2)) / count), (byte)((b + (count / 2)) / count));
    }

    private static (int Low, int High, float Share) Between(int position, int length, int sourceLength)
    {
        float at = Math.Clamp(((position + 0.5f) * sourceLength / length) - 0.5f, 0, sourceLength - 1);
        int low = (int)at;
        return (low, Math.Min(low + 1, sourceLength - 1), at - low);
    }
}
