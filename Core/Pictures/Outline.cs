namespace Fovea.Core.Pictures;

/// <summary>Frames drawn over images.</summary>
public static class Outline
{
    /// <summary>
    /// The image, every pixel enlarged, with a frame around a part of it; what reaches over the border is shown as a dark
    /// margin as wide as is needed.
    /// </summary>
    /// <param name="image">The image.</param>
    /// <param name="top">The part's first row; negative above the image.</param>
    /// <param name="left">The part's first column; negative left of the image.</param>
    /// <param name="height">Rows of the part.</param>
    /// <param name="width">Columns of the part.</param>
    /// <param name="colour">The frame's colour.</param>
    /// <param name="scale">The side of a pixel.</param>
    public static Image Around(Image image, int top, int left, int height, int width, Colour colour, int scale)
    {
        ArgumentNullException.ThrowIfNull(image);
        ArgumentOutOfRangeException.ThrowIfLessThan(scale, 1);
        int above = Math.Max(0, -top), before = Math.Max(0, -left);
        int rows = above + Math.Max(image.Height, top + height), columns = before + Math.Max(image.Width, left + width);
        Image large = Image.Blank(columns * scale, rows * scale, Colour.Grey(32));
        large.Draw(Resizing.Enlarge(image, scale), before * scale, above * scale);
        Frame(large, (before + left) * scale, (above + top) * scale, width * scale, height * scale, Math.Max(1, scale / 4), colour);
        return large;
    }

    /// <summary>A frame inside a rectangle.</summary>
    internal static void Frame(Image image, int left, int top, int width, int height, int thickness, Colour colour)
    {
        image.Fill(left, top, width, thickness, colour);
        image.Fill(left, top + height - thickness, width, thickness, colour);
        image.Fill(left, top, thickness, height, colour);
        image.Fill(left + width - thickness, top, thickness, height, colour);
    }
}
