using System.Runtime.CompilerServices;

namespace Fovea.Core.Kernels;

/// <summary>
/// The register tile behind forward convolution, backward input and matrix products:
/// sums[pixel][filter] = Σ over taps and their channels of x[pixel][channel] · w[channel][filter].
/// </summary>
/// <remarks>
/// <code>
/// taps  count runs of channels, offsets from x
/// x     pixel p's channels at x + p·TStep + tap.Offset; or at x + p·apart + tap.Offset, where the step is spread
/// w     [tap][channel][blocks·16], in the order of the taps: a group of filters, packed; or channels apart from each other, where the
///       step is strided
/// y     [block b][pixel p][16] at y + b·yBlock + p·yPixel
/// bias  [blocks·16], or [pixels] where the step is turned, or null
/// ahead what is wanted next, where the step fetches: tap i fetches the line at ahead + lines[i]
/// </code>
/// Every sum adds its products in the order of the taps, whatever tile it falls in: tiles change no bits.
/// </remarks>
internal static unsafe class PixelTile
{
    /// <summary>Blocks of sixteen filters in the widest tile: packed weights come in groups of 4, 2 or 1 block.</summary>
    public static int MostBlocks => InstructionSet.Is512 ? 4 : 1;

    /// <summary>Pixels in the largest tile that has this many blocks.</summary>
    public static int MostPixels(int blocks) => !InstructionSet.Is512 ? 6 : blocks == 4 ? 7 : 14;

    /// <summary>Sums one tile: blocks is 1, 2 or 4 (at most <see cref="MostBlocks"/>), pixels at most <see cref="MostPixels"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Run<TStep>(int blocks, int pixels, Tap* taps, int count, float* x, float* w, float* y, nint yBlock, nint yPixel, float* bias, TileFlags flags, float* ahead = null, int* lines = null, nint apart = 0)
        where TStep : struct, IPixelStep
    {
        if (InstructionSet.Is512)
        {
            PixelTile512.Run<TStep>(blocks, pixels, taps, count, x, w, y, yBlock, yPixel, bias, flags, ahead, lines, apart);
        }
        else if (InstructionSet.Is256)
        {
            PixelTile256.Run<TStep>(blocks, pixels, taps, count, x, w, y, yBlock, yPixel, bias, flags, ahead, lines, apart);
        }
        else
        {
            // Four registers a pixel would leave too few pixels: half a block at a time.
            PixelTile128.Run<TStep>(blocks, pixels, taps, count, x, w, y, yBlock, yPixel, bias, flags, ahead, lines, apart);
            float* second = bias == null || TStep.Turned ? bias : bias + 8;
            PixelTile128.Run<TStep>(blocks, pixels, taps, count, x, w + 8, y + 8, yBlock, yPixel, second, flags, ahead, lines, apart);
        }
    }

    /// <summary>
    /// Sums a row of any number of pixels, cut evenly into tiles: 16 as 8 + 8, not as 14 + 2, for small tiles leave
    /// the multipliers waiting.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Row<TStep>(int blocks, int pixels, Tap* taps, int count, float* x, float* w, float* y, nint yBlock, nint yPixel, float* bias, TileFlags flags, nint apart = 0)
        where TStep : struct, IPixelStep
    {
        int most = MostPixels(blocks);
        int tiles = (pixels + most - 1) / most;
        int begin = 0;
        for (int tile = 1; tile <= tiles; tile++)
        {
            int end = pixels * tile / tiles;
            Run<TStep>(blocks, end - begin, taps, count, x + ((nint)begin * TStep.Floats), w, y + (begin * yPixel), yBlock, yPixel, bias, flags, apart: apart);
            begin = end;
        }
    }
}
