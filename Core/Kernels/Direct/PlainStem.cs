using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Fovea.Core.Shapes;

namespace Fovea.Core.Kernels;

/// <summary>
/// Direct convolution between plain images where one side has few channels: neighbouring pixels are the vectors, filters take
/// the place that pixels have in <see cref="DirectKernel"/>, and nothing is transposed or filled up to sixteen.
/// </summary>
/// <remarks>
/// A sum begins with the bias and adds its products in the order of the packed weights, as it does into blocks: the bits are the same.
/// </remarks>
internal static unsafe class PlainStem
{
    // Fewer filters leave registers for more pixels, and need them: that many sums keep both multipliers busy.
    private const int FewFilters = 7;

    /// <summary>Whether a correlation is computed so: rows fill a vector.</summary>
    public static bool Fits(in Correlation c)
    {
        bool fits = c.Stem && c.PlainTarget && c.GroupBlocks <= 2 && c.Columns.Count(c.Columns.Phases - 1) >= Blocks.Width;
        for (int phase = 0; phase < c.Rows.Phases && fits; phase++)
        {
            fits = c.Rows.TapsOf(phase) > 0;
        }

        for (int phase = 0; phase < c.Columns.Phases && fits; phase++)
        {
            fits = c.Columns.TapsOf(phase) > 0;
        }

        return fits;
    }

    /// <summary>Floats of scratch: a tile's targets, on their way to places apart, or past the caches.</summary>
    public static long ScratchFloats(in Correlation c) => Fits(c) ? PixelTile.MostPixels(1) * PixelTile.MostBlocks * Blocks.Width : 0;

    /// <summary>Vectors of sixteen pixels in a tile of so many filters, of what is left of a row.</summary>
    public static int TileBlocks(int filters, int pixels, int left)
    {
        int blocks = Math.Min(filters <= FewFilters ? 4 : 2, PixelTile.MostBlocks);
        while (blocks * Blocks.Width > pixels || (filters > FewFilters && left <= blocks * Blocks.Width / 2 && blocks > 1))
        {
            blocks /= 2;
        }

        return blocks;
    }

    /// <summary>Computes the rows of one phase of a band, for one group of filters.</summary>
    /// <param name="c">The sizes.</param>
    /// <param name="blocks">Blocks of the group.</param>
    /// <param name="taps">What the window reads.</param>
    /// <param name="count">The number of taps.</param>
    /// <param name="x">The band.</param>
    /// <param name="w">The group's packed weights.</param>
    /// <param name="bias">The group's biases, or null.</param>
    /// <param name="flags">What follows.</param>
    /// <param name="planes">The first filter's target, from the phase's first pixel on.</param>
    /// <param name="filters">Filters of the group.</param>
    /// <param name="row0">The first row.</param>
    /// <param name="row1">The row behind the last one.</param>
    /// <param name="pixels">Pixels of a row.</param>
    /// <param name="far">Whether targets go past the caches.</param>
    /// <param name="scratch">Room for a tile's targets.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Band(in Correlation c, int blocks, Tap* taps, int count, float* x, float* w, float* bias, TileFlags flags, float* planes, int filters, int row0, int row1, int pixels, bool far, float* scratch)
    {
        int step = c.Columns.Phases;
        for (int row = row0; row < row1; row++)
        {
            int now;
            for (int pixel = 0; pixel < pixels; pixel += now * Blocks.Width)
            {
                // A last tile that is not whole ends with the row, and gives some pixels a second time, to the same bits.
                now = TileBlocks(filters, pixels, pixels - pixel);
                int first = Math.Min(pixel, pixels - (now * Blocks.Width));
                float* y = planes + ((nint)row * c.Rows.Phases * c.Columns.Targets) + (first * step);
                bool lines = far && step == 1 && FarStores.BeginsLine(y) && FarStores.BeginsLine(y + c.TargetPlane);
                Multiply(blocks, filters, taps, count, w, x + first, now, bias, flags, y, c.TargetPlane, step, lines || step > 1 ? scratch : null);
            }

            x += (nint)c.Rows.Step * c.RowFloats;
        }
    }

    // All filters of a group, in as few tiles as there can be of them, and as even. What goes past the caches lands in them first
    // and leaves in whole lines, while the next tile is computed; and so does what goes to places apart.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Multiply(int groupBlocks, int filters, Tap* taps, int count, float* w, float* pixels, int blocks, float* bias, TileFlags flags, float* y, nint plane, int pixelStep, float* landing)
    {
        int tiles = Correlation.Pieces(filters, PixelTile.MostPixels(blocks));
        int width = blocks * Blocks.Width;
        int begin = 0;
        for (int tile = 1; tile <= tiles; tile++)
        {
            int end = filters * tile / tiles;
            float* b = bias == null ? null : bias + begin;
            float* to = landing == null ? y + (begin * plane) : landing;
            nint step = landing == null ? plane : width;
            if (groupBlocks == 1)
            {
                PixelTile.Run<WindowStep1>(blocks, end - begin, taps, count, w + begin, pixels, to, Blocks.Width, step, b, flags);
            }
            else
            {
                PixelTile.Run<WindowStep2>(blocks, end - begin, taps, count, w + begin, pixels, to, Blocks.Width, step, b, flags);
            }

            for (int filter = begin; filter < end && landing != null; filter++)
            {
                float* at = y + (filter * plane);
                for (int pixel = 0; pixel < width && pixelStep == 1; pixel += Blocks.Width)
                {
                    Vector512.Load(to + pixel).StoreAlignedNonTemporal(at + pixel);
                }

                for (int pixel = 0; pixel < width && pixelStep > 1; pixel++)
                {
                    at[pixel * pixelStep] = to[pixel];
                }

                to += width;
            }

            begin = end;
        }
    }
}
