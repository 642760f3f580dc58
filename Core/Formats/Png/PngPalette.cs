using System.Buffers.Binary;

namespace Fovea.Core.Formats;

/// <summary>The chunks PLTE and tRNS: the colours of a palette, and what is transparent.</summary>
internal sealed class PngPalette
{
    private byte[] colours = [];
    private byte[] alphas = [];
    private int[] transparent = [];

    /// <summary>The number of colours.</summary>
    public int Count => colours.Length / 3;

    /// <summary>Whether anything may be transparent, by the palette or by one colour.</summary>
    public bool HasAlpha { get; private set; }

    public void SetColours(PngHeader header, byte[] data)
    {
        bool allowed = header.Colour is PngColour.Palette or PngColour.Rgb or PngColour.RgbAlpha;
        int most = header.Colour == PngColour.Palette ? 1 << header.Depth : 256;
        if (!allowed || Count > 0 || data.Length == 0 || data.Length % 3 != 0 || data.Length > most * 3)
        {
            throw new ImageFormatException($"png: a palette of {data.Length} bytes has no place here; expected one of 1 to {most} colours of 3 bytes, in a colour image");
        }

        colours = data;
    }

    public void SetTransparency(PngHeader header, byte[] data)
    {
        bool right = !HasAlpha && header.Colour switch
        {
            PngColour.Grey => data.Length == 2,
            PngColour.Rgb => data.Length == 6,
            PngColour.Palette => data.Length >= 1 && data.Length <= Count,
            _ => false,
        };
        if (!right)
        {
            throw new ImageFormatException($"png: {data.Length} bytes of transparency do not fit this kind of image");
        }

        HasAlpha = true;
        alphas = header.Colour == PngColour.Palette ? data : [];
        transparent = header.Colour == PngColour.Palette ? [] : [.. Enumerable.Range(0, data.Length / 2).Select(i => BinaryPrimitives.ReadUInt16BigEndian(data.AsSpan(2 * i)) & ((1 << header.Depth) - 1))];
    }

    /// <summary>Writes a colour's three bytes, and its alpha where there is any.</summary>
    public void Look(int index, Span<byte> pixel)
    {
        if (index >= Count)
        {
            throw new ImageFormatException($"png: a pixel has colour {index} of a palette of {Count}; the file is damaged");
        }

        colours.AsSpan(3 * index, 3).CopyTo(pixel);
        if (HasAlpha)
        {
            pixel[3] = index < alphas.Length ? alphas[index] : (byte)255;
        }
    }

    /// <summary>Whether a pixel's samples are the one colour that is transparent.</summary>
    public bool IsTransparent(ReadOnlySpan<int> samples) => samples.SequenceEqual(transparent);
}
