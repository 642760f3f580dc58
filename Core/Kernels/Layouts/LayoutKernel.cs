using Fovea.Core.Shapes;

namespace Fovea.Core.Kernels.Layouts;

// plain     C × pixels                 one image
// blocked   ⌈C/16⌉ × pixels × 16       the same image; lanes past the last channel are zero

/// <summary>Moves one block of sixteen channels of an image from one layout to the other.</summary>
public static unsafe class LayoutKernel
{
    /// <summary>Plain to blocked, for the block that begins at channel <paramref name="first"/>.</summary>
    public static void Block(float* plain, float* block, int first, int channels, int pixels) =>
        Transpose16.Block(plain + ((long)first * pixels), pixels, Math.Min(Blocks.Width, channels - first), pixels, block);

    /// <summary>Blocked to plain, for the block that begins at channel <paramref name="first"/>.</summary>
    public static void Unblock(float* block, float* plain, int first, int channels, int pixels) =>
        Transpose16.Unblock(block, plain + ((long)first * pixels), pixels, Math.Min(Blocks.Width, channels - first), pixels);
}
