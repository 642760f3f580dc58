using System.Runtime.CompilerServices;
using Fovea.Core.Shapes;

namespace Fovea.Core.Kernels.Layouts;

// plain     C × pixels                 one image
// blocked   ⌈C/16⌉ × pixels × 16       the same image; lanes past the last channel are zero

/// <summary>Moves one block of sixteen channels of an image from one layout to the other.</summary>
public static unsafe class LayoutKernel
{
    /// <summary>Plain to blocked, for the block that begins at channel <paramref name="first"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Block(float* plain, float* block, int first, int channels, int pixels)
    {
        int present = Math.Min(Blocks.Width, channels - first);
        float* source = plain + ((long)first * pixels);
        for (int pixel = 0; pixel < pixels; pixel += Blocks.Width)
        {
            Transpose16.Lanes(source + pixel, pixels, present, Math.Min(Blocks.Width, pixels - pixel), block + ((long)pixel * Blocks.Width), Blocks.Width);
        }
    }

    /// <summary>Blocked to plain, for the block that begins at channel <paramref name="first"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Unblock(float* block, float* plain, int first, int channels, int pixels)
    {
        int present = Math.Min(Blocks.Width, channels - first);
        float* target = plain + ((long)first * pixels);
        for (int pixel = 0; pixel < pixels; pixel += Blocks.Width)
        {
            Transpose16.Clipped(block + ((long)pixel * Blocks.Width), Blocks.Width, Math.Min(Blocks.Width, pixels - pixel), present, target + pixel, pixels);
        }
    }
}
