namespace Fovea.Core.Formats;

/// <summary>The colours of a raster that has at most 256 of them, numbered as they come: drawings become small so.</summary>
internal sealed class PngColours
{
    private readonly Dictionary<uint, int> numbers;

    private PngColours(Dictionary<uint, int> numbers, bool hasAlpha)
    {
        this.numbers = numbers;
        uint[] colours = [.. numbers.Keys];
        Table = [.. colours.SelectMany(colour => new[] { (byte)(colour >> 16), (byte)(colour >> 8), (byte)colour })];
        Alphas = hasAlpha ? [.. colours.Select(colour => (byte)(colour >> 24))] : [];
    }

    /// <summary>Three bytes a colour.</summary>
    public byte[] Table { get; }

    /// <summary>A byte a colour; none where all are opaque by kind.</summary>
    public byte[] Alphas { get; }

    /// <summary>Bits of a number: 1, 2, 4 or 8.</summary>
    public int Depth => numbers.Count switch { <= 2 => 1, <= 4 => 2, <= 16 => 4, _ => 8 };

    /// <summary>The colours of an RGB or RGBA raster with 8 bits a sample; null where there are more than 256, or another kind.</summary>
    public static PngColours? Of(Raster raster)
    {
        if (raster.Depth != 8 || raster.Channels < 3)
        {
            return null;
        }

        var numbers = new Dictionary<uint, int>();
        for (int at = 0; at < raster.Bytes.Length; at += raster.Channels)
        {
            if (numbers.TryAdd(Packed(raster.Bytes.AsSpan(at, raster.Channels)), numbers.Count) && numbers.Count > 256)
            {
                return null;
            }
        }

        return new PngColours(numbers, raster.HasAlpha);
    }

    /// <summary>A pixel's number.</summary>
    public int Number(ReadOnlySpan<byte> pixel) => numbers[Packed(pixel)];

    private static uint Packed(ReadOnlySpan<byte> pixel) =>
        ((pixel.Length == 4 ? (uint)pixel[3] : 255) << 24) | ((uint)pixel[0] << 16) | ((uint)pixel[1] << 8) | pixel[2];
}
