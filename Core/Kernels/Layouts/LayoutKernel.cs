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
        int done = present == Blocks.Width ? pixels & ~15 : 0;
        for (int pixel = 0; pixel < done; pixel += 16)
        {
            Transpose.Square(source + pixel, pixels, block + (pixel * Blocks.Width), Blocks.Width);
        }

        for (int pixel = done; pixel < pixels; pixel++)
        {
            float* target = block + (pixel * Blocks.Width);
            for (int lane = 0; lane < Blocks.Width; lane++)
            {
                target[lane] = lane < present ? source[((long)lane * pixels) + pixel] : 0;
            }
        }
    }

    /// <summary>Blocked to plain, for the block that begins at channel <paramref name="first"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Unblock(float* block, float* plain, int first, int channels, int pixels)
    {
        int present = Math.Min(Blocks.Width, channels - first);
        float* target = plain + ((long)first * pixels);
        int done = present == Blocks.Width ? pixels & ~15 : 0;
        for (int pixel = 0; pixel < done; pixel += 16)
        {
            Transpose.Square(block + (pixel * Blocks.Width), Blocks.Width, target + pixel, pixels);
        }

        for (int pixel = done; pixel < pixels; pixel++)
        {
            float* source = block + (pixel * Blocks.Width);
            for (int lane = 0; lane < present; lane++)
            {
                target[((long)lane * pixels) + pixel] = source[lane];
            }
        }
    }
}
