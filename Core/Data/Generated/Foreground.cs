namespace Fovea.Core.Data;

/// <summary>The figure or the patch of texture that an image is of.</summary>
internal static class Foreground
{
    /// <summary>Fills a figure's outline with one colour that fades into another.</summary>
    /// <param name="canvas">What it is painted on.</param>
    /// <param name="at">Where it stands.</param>
    /// <param name="outline">Its outline, in its own units.</param>
    /// <param name="first">The colour on one side.</param>
    /// <param name="second">The colour on the other.</param>
    public static void PaintFigure(
        Canvas canvas,
        Placement at,
        Func<float, float, float> outline,
        Colour first,
        Colour second)
    {
        for (int y = 0; y < canvas.Side; y++)
        {
            for (int x = 0; x < canvas.Side; x++)
            {
                (float u, float v) = at.Local(y, x);
                Colour colour = first.Mix(second, Math.Clamp(0.5f + (0.4f * u), 0f, 1f));
                canvas.Paint(y, x, colour, Coverage(-outline(u, v) * at.Scale));
            }
        }
    }

    /// <summary>Fills a patch with a texture of two colours.</summary>
    /// <param name="canvas">What it is painted on.</param>
    /// <param name="at">Where it stands.</param>
    /// <param name="outline">The patch's outline, in its own units.</param>
    /// <param name="texture">The texture: positive in its bright part, in periods.</param>
    /// <param name="weave">The texture's own placement; its scale is the period in pixels.</param>
    /// <param name="bright">The colour of the bright part.</param>
    /// <param name="dark">The colour of the other.</param>
    public static void PaintTexture(
        Canvas canvas,
        Placement at,
        Func<float, float, float> outline,
        Func<float, float, float> texture,
        Placement weave,
        Colour bright,
        Colour dark)
    {
        for (int y = 0; y < canvas.Side; y++)
        {
            for (int x = 0; x < canvas.Side; x++)
            {
                (float u, float v) = at.Local(y, x);
                (float s, float t) = weave.Local(y, x);
                Colour colour = dark.Mix(bright, Coverage(texture(s, t) * weave.Scale));
                canvas.Paint(y, x, colour, Coverage(-outline(u, v) * at.Scale));
            }
        }
    }

    // The share of a pixel that is covered when its centre is so many pixels inside.
    private static float Coverage(float inside) => Math.Clamp(0.5f + inside, 0f, 1f);
}
