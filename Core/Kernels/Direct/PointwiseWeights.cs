using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Fovea.Core.Shapes;

namespace Fovea.Core.Kernels;

/// <summary>The gradient of the weights where windows are one pixel and both images lie plain: see <see cref="PointwiseSum"/>.</summary>
/// <remarks>
/// <code>
/// lanes   one of x and dy, N×channels×pixels, rows the other one
/// packed  [group of lanes][pixel of the band][lanes of the group]
/// shared  [part][group][row][lane], whole blocks of lanes
/// dw      K×(C/groups)
/// </code>
/// </remarks>
[SkipLocalsInit]
internal static unsafe class PointwiseWeights
{
    // Pixels by which the planes to turn over are asked for.
    private const int Ahead = 64;

    /// <summary>Sums one part of the batch for one range of rows.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Sum(in PointwiseSum s, int chunk, float* lanes, float* rows, float* shared, float* scratch)
    {
        int range = chunk % s.Ranges;
        int group = chunk / s.Ranges % s.Groups;
        int part = chunk / s.Ranges / s.Groups;
        int row0 = range * s.RowsPerRange;
        int row1 = Math.Min(s.Rows, row0 + s.RowsPerRange);
        float* sums = shared + (part * s.TotalFloats) + ((long)group * s.Rows * s.LaneFloats);
        float* packed = scratch;
        var taps = (Tap*)(packed + ((long)s.BandPixels * s.LaneFloats));
        var lines = (int*)(taps + s.Taps);
        List(s, lines);
        nint lanesImage = (nint)s.Lanes * s.Plane;
        nint rowsImage = (nint)s.Rows * s.Plane;
        int first = (int)((long)s.Items * part / s.Parts);
        int last = (int)((long)s.Items * (part + 1) / s.Parts);
        for (int item = first; item < last; item++)
        {
            int pixel = s.Begin(item % s.Bands);
            int pixels = s.Begin((item % s.Bands) + 1) - pixel;
            nint image = ((nint)(item / s.Bands) * s.Groups) + group;
            Turn(s, lanes + (image * lanesImage) + pixel, pixels, packed);
            int count = 0;
            for (int begin = 0; begin < pixels; begin += s.PixelsPerTap)
            {
                taps[count++] = new Tap(begin, Math.Min(s.PixelsPerTap, pixels - begin));
            }

            float* from = rows + (image * rowsImage) + pixel;
            float* next = item + 1 == last ? from : rows + ((((nint)((item + 1) / s.Bands) * s.Groups) + group) * rowsImage) + s.Begin((item + 1) % s.Bands);
            Band(s, pixels, row0, row1, from, next, packed, taps, count, lines, sums, item > first ? TileFlags.Accumulate : TileFlags.None);
        }
    }

    /// <summary>Adds the parts of sixteen rows in order and writes their weights.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Add(in PointwiseSum s, int chunk, float* shared, float* dw)
    {
        float* tile = stackalloc float[Blocks.Width * Blocks.Width];
        int group = chunk / Blocks.Of(s.Rows);
        int row0 = chunk % Blocks.Of(s.Rows) * Blocks.Width;
        int rows = Math.Min(Blocks.Width, s.Rows - row0);
        dw += (nint)group * s.Rows * s.Lanes;
        shared += (((long)group * s.Rows) + row0) * s.LaneFloats;
        for (int lane = 0; lane < s.Lanes; lane += Blocks.Width)
        {
            int lanes = Math.Min(Blocks.Width, s.Lanes - lane);
            for (int row = 0; row < rows; row++)
            {
                float* from = shared + ((nint)row * s.LaneFloats) + lane;
                Vector512<float> sum = Vector512.Load(from);
                for (int part = 1; part < s.Parts; part++)
                {
                    sum += Vector512.Load(from + (part * s.TotalFloats));
                }

                sum.Store(tile + (row * Blocks.Width));
            }

            if (!s.LanesAreInputs)
            {
                Transpose16.Clipped(tile, Blocks.Width, rows, lanes, dw + ((nint)lane * s.Rows) + row0, s.Rows);
                continue;
            }

            for (int row = 0; row < rows; row++)
            {
                new ReadOnlySpan<float>(tile + (row * Blocks.Width), lanes).CopyTo(new Span<float>(dw + ((nint)(row0 + row) * s.Lanes) + lane, lanes));
            }
        }
    }

    // All tiles of rows by all groups of lanes. Meanwhile the rows of the next tile are fetched, after the last one the next band's first.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Band(in PointwiseSum s, int pixels, int row0, int row1, float* rows, float* next, float* packed, Tap* taps, int count, int* lines, float* sums, TileFlags flags)
    {
        int tiles = Correlation.Pieces(row1 - row0, PixelTile.MostPixels(s.GroupBlocks));
        int begin = row0;
        for (int tile = 1; tile <= tiles; tile++)
        {
            int end = row0 + (int)((long)(row1 - row0) * tile / tiles);
            float* ahead = tile < tiles ? rows + ((nint)end * s.Plane) : next + ((nint)row0 * s.Plane);
            int* fetched = lines;
            for (int block = 0; block < s.LaneBlocks; block += s.GroupBlocks)
            {
                int blocks = Math.Min(s.GroupBlocks, s.LaneBlocks - block);
                float* w = packed + ((nint)block * Blocks.Width * pixels);
                float* to = sums + ((nint)begin * s.LaneFloats) + (block * Blocks.Width);
                PixelTile.Run<PlaneStep>(blocks, end - begin, taps, count, rows + ((nint)begin * s.Plane), w, to, Blocks.Width, s.LaneFloats, null, flags, ahead, fetched, s.Plane);
                fetched += s.Taps;
            }

            begin = end;
        }
    }

    // A band of the lanes' planes, turned over into pixels.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Turn(in PointwiseSum s, float* planes, int pixels, float* packed)
    {
        for (int block = 0; block < s.LaneBlocks; block++)
        {
            int group = block / s.GroupBlocks * s.GroupBlocks;
            int width = Math.Min(s.GroupBlocks, s.LaneBlocks - group) * Blocks.Width;
            int lanes = Math.Min(Blocks.Width, s.Lanes - (block * Blocks.Width));
            float* from = planes + ((nint)block * Blocks.Width * s.Plane);
            float* to = packed + ((nint)group * Blocks.Width * pixels) + ((block - group) * Blocks.Width);
            for (int pixel = 0; pixel < pixels; pixel += Blocks.Width)
            {
                if (Sse.IsSupported)
                {
                    for (int lane = 0; lane < lanes; lane++)
                    {
                        Sse.Prefetch0(from + ((nint)lane * s.Plane) + pixel + Ahead);
                    }
                }

                Transpose16.Lanes(from + pixel, s.Plane, lanes, Math.Min(Blocks.Width, pixels - pixel), to + ((nint)pixel * width), width);
            }
        }
    }

    // The lines of a tile of rows, row by row, spread over the taps of all groups of lanes; taps that are left over fetch the first again.
    private static void List(in PointwiseSum s, int* lines)
    {
        int* last = lines + ((nint)Correlation.Pieces(s.LaneBlocks, s.GroupBlocks) * s.Taps);
        for (int row = 0; row < Math.Min(s.Rows, PixelTile.MostPixels(s.GroupBlocks)); row++)
        {
            for (int pixel = 0; pixel < s.BandPixels && lines < last; pixel += Blocks.Width)
            {
                *lines++ = (row * s.Plane) + pixel;
            }
        }

        while (lines < last)
        {
            *lines++ = 0;
        }
    }
}
