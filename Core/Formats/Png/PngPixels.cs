namespace Fovea.Core.Formats;

/// <summary>Puts rows as a PNG file has them (1 to 16 bits a sample, colours by number) to their places in a raster.</summary>
internal sealed class PngPixels
{
    private readonly PngHeader header;
    private readonly PngPalette palette;
    private readonly int pixelBytes;

    public PngPixels(PngHeader header, PngPalette palette)
    {
        this.header = header;
        this.palette = palette;
        int channels = (header.Colour == PngColour.Palette ? 3 : header.Channels) + (palette.HasAlpha ? 1 : 0);
        int depth = header.Depth == 16 ? 16 : 8;
        pixelBytes = channels * depth / 8;
        Raster = new Raster(header.Width, header.Height, channels, depth, new byte[header.Width * header.Height * pixelBytes]);
    }

    public Raster Raster { get; }

    /// <summary>Places row <paramref name="y"/> of a pass.</summary>
    public void Place(ReadOnlySpan<byte> row, PngPass pass, int y)
    {
        int to = ((((pass.Y + (y * pass.StepY)) * header.Width) + pass.X) * pixelBytes);
        if (header.Depth >= 8 && header.Colour != PngColour.Palette && !palette.HasAlpha && pass.StepX == 1)
        {
            row.CopyTo(Raster.Bytes.AsSpan(to));
            return;
        }

        Span<int> samples = stackalloc int[header.Channels];
        for (int x = 0; x < pass.Width; x++, to += pass.StepX * pixelBytes)
        {
            for (int channel = 0; channel < samples.Length; channel++)
            {
                samples[channel] = Sample(row, (x * samples.Length) + channel);
            }

            Put(samples, Raster.Bytes.AsSpan(to, pixelBytes));
        }
    }

    private void Put(ReadOnlySpan<int> samples, Span<byte> pixel)
    {
        if (header.Colour == PngColour.Palette)
        {
            palette.Look(samples[0], pixel);
            return;
        }

        int bytesEach = Raster.Depth / 8;
        for (int channel = 0; channel < samples.Length; channel++)
        {
            // A sample of fewer than 8 bits is stretched so that its maximum is 255.
            int value = header.Depth < 8 ? samples[channel] * (255 / ((1 << header.Depth) - 1)) : samples[channel];
            pixel[(channel * bytesEach) + bytesEach - 1] = (byte)value;
            if (bytesEach == 2)
            {
                pixel[channel * 2] = (byte)(value >> 8);
            }
        }

        if (palette.HasAlpha)
        {
            pixel[(samples.Length * bytesEach)..].Fill(palette.IsTransparent(samples) ? (byte)0 : (byte)255);
        }
    }

    private int Sample(ReadOnlySpan<byte> row, int index)
    {
        switch (header.Depth)
        {
            case 8:
                return row[index];
            case 16:
                return (row[2 * index] << 8) | row[(2 * index) + 1];
            default:
                int bit = index * header.Depth;
                return (row[bit / 8] >> (8 - header.Depth - (bit % 8))) & ((1 << header.Depth) - 1);
        }
    }
}
