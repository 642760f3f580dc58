namespace Fovea.Core.Data;

/// <summary>A square picture in the making.</summary>
internal sealed class Canvas(int side)
{
    private readonly Colour[] pixels = new Colour[side * side];

    /// <summary>The height and the width in pixels.</summary>
    public int Side => side;

    /// <summary>The pixel in row y and column x.</summary>
    public ref Colour this[int y, int x] => ref pixels[(y * side) + x];

    /// <summary>Paints over a pixel: 0 leaves it, 1 covers it.</summary>
    public void Paint(int y, int x, Colour colour, float share)
    {
        if (share > 0)
        {
            ref Colour pixel = ref this[y, x];
            pixel = pixel.Mix(colour, share);
        }
    }

    /// <summary>Writes the picture with noise over it, 3×side×side bytes.</summary>
    /// <param name="target">Room for it.</param>
    /// <param name="noise">The largest deviation of the noise, in 0..1.</param>
    /// <param name="random">Where the noise is drawn from.</param>
    public void Develop(Span<byte> target, float noise, Random random)
    {
        Span<byte> red = target[..pixels.Length], green = target.Slice(pixels.Length, pixels.Length), blue = target[(2 * pixels.Length)..];
        for (int i = 0; i < pixels.Length; i++)
        {
            red[i] = Level(pixels[i].Red + Deviation(noise, random));
            green[i] = Level(pixels[i].Green + Deviation(noise, random));
            blue[i] = Level(pixels[i].Blue + Deviation(noise, random));
        }
    }

    // The difference of two even draws, made of the halves of one: nearer to a bell than either.
    private static float Deviation(float noise, Random random)
    {
        int bits = random.Next();
        return noise * ((bits & 0x7FFF) - (bits >> 16)) * (1f / 32768);
    }

    private static byte Level(float value) => (byte)((Math.Clamp(value, 0f, 1f) * 255f) + 0.5f);
}
