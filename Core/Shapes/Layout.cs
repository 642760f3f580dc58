namespace Fovea.Core.Shapes;

/// <summary>How a batch of images lies in memory.</summary>
public enum Layout
{
    /// <summary>N×C×H×W, row-major: what a tensor is, and what the API speaks.</summary>
    Plain,

    /// <summary>
    /// N×⌈C/16⌉×H×W×16: sixteen channels side by side, so that a vector holds one pixel's channels. Lanes past the
    /// last channel hold zero. Used inside a network only.
    /// </summary>
    Blocked,
}

/// <summary>Sizes in the blocked layout.</summary>
public static class Blocks
{
    /// <summary>Channels in a block, for every instruction set.</summary>
    public const int Width = 16;

    /// <summary>The number of blocks that hold <paramref name="channels"/> channels.</summary>
    public static int Of(int channels) => (channels + Width - 1) / Width;

    /// <summary>Floats that one image takes in a layout.</summary>
    public static long ImageFloats(Layout layout, int channels, int pixels) =>
        layout == Layout.Plain ? (long)channels * pixels : (long)Of(channels) * Width * pixels;
}
