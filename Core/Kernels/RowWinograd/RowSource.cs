using System.Runtime.CompilerServices;
using Fovea.Core.Shapes;

namespace Fovea.Core.Kernels;

/// <summary>The inputs' transform of Winograd's method along rows.</summary>
/// <remarks>
/// <code>
/// x   C×H×W, an image
/// v   [position, phase by phase][channel][row mod stride][row / stride][tile]
/// </code>
/// Rows of tiles follow each other without gaps, so that the rows a window's row reads, output row after output row, are one long
/// vector.
/// </remarks>
[SkipLocalsInit]
internal static unsafe class RowSource
{
    /// <summary>Transforms what a band of outputs reads.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Run<T>(in RowTiles tiles, float* x, int row0, int rows, float* line, float* v)
        where T : struct, ILanes<T>
    {
        ConvShape s = tiles.Sizes;
        int stride = s.Vertical.Stride;
        int streamRows = tiles.StreamRows - tiles.RowsPerBand + rows;
        nint slot = tiles.SlotFloats;
        int first = Math.Min(tiles.LineFloats, Math.Max(0, s.Horizontal.Low));
        int skipped = Math.Max(0, -s.Horizontal.Low);
        int count = Math.Clamp(s.W - skipped, 0, tiles.LineFloats - first);
        new Span<float>(line, tiles.LineFloats).Clear();
        for (int channel = 0; channel < s.C; channel++)
        {
            float* streams = v + ((nint)channel * stride * tiles.StreamFloats);
            for (int i = 0; i < streamRows * stride; i++)
            {
                int row = (row0 * stride) + i - s.Vertical.Low;
                float* to = streams + ((nint)(i % stride) * tiles.StreamFloats) + (i / stride * tiles.Tiles);
                if (!Visited(s, i % stride))
                {
                    // Dilated windows and short ones pass some rows over.
                }
                else if (row < 0 || row >= s.H)
                {
                    Clear(tiles, to, tiles.Tiles, slot);
                }
                else
                {
                    new ReadOnlySpan<float>(x + ((((nint)channel * s.H) + row) * s.W) + skipped, count).CopyTo(new Span<float>(line + first, count));
                    Line<T>(tiles, line, to, slot);
                }
            }

            // What the last panel reads past the last row.
            int end = streamRows * tiles.Tiles;
            for (int rest = 0; rest < stride; rest++)
            {
                Clear(tiles, streams + ((nint)rest * tiles.StreamFloats) + end, tiles.StreamFloats - end, slot);
            }
        }
    }

    private static void Clear(in RowTiles tiles, float* v, int floats, nint slot)
    {
        for (int j = 0; j < tiles.Slots; j++)
        {
            new Span<float>(v + (j * slot), floats).Clear();
        }
    }

    // The last vector of a row runs into the next row, which comes later.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Line<T>(in RowTiles tiles, float* line, float* v, nint slot)
        where T : struct, ILanes<T>
    {
        int stride = tiles.Sizes.Horizontal.Stride;
        int samples = tiles.Samples;
        int apart = RowBasis.Side * stride;
        float* d = stackalloc float[(samples + Blocks.Width) * Blocks.Width];
        for (int tile = 0; tile < tiles.Tiles; tile += Blocks.Width)
        {
            float* from = line + ((nint)tile * apart);
            for (int sample = 0; sample < samples; sample += Blocks.Width)
            {
                Transpose16.Full(from + sample, apart, d + (sample * Blocks.Width), Blocks.Width);
            }

            float* to = v + tile;
            for (int phase = 0; phase < tiles.Phases; phase++)
            {
                int taps = tiles.TapsOf(phase);
                int positions = RowBasis.Positions(taps);
                fixed (float* matrix = RowBasis.InputMatrix(taps))
                {
                    for (int lane = 0; lane < Blocks.Width; lane += T.Count)
                    {
                        Multiply<T>(positions, matrix, d + (phase * Blocks.Width) + lane, stride * Blocks.Width, to + lane, slot);
                    }
                }

                to += positions * slot;
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Multiply<T>(int positions, float* matrix, float* d, nint step, float* v, nint slot)
        where T : struct, ILanes<T>
    {
        T d0 = T.Load(d);
        T d1 = T.Load(d + step);
        T d2 = T.Load(d + (2 * step));
        T d3 = T.Load(d + (3 * step));
        T d4 = positions > 4 ? T.Load(d + (4 * step)) : T.Zero;
        T d5 = positions > 5 ? T.Load(d + (5 * step)) : T.Zero;
        T d6 = positions > 6 ? T.Load(d + (6 * step)) : T.Zero;
        for (int j = 0; j < positions; j++)
        {
            T a = T.Broadcast(matrix[0]) * d0;
            T b = T.Broadcast(matrix[1]) * d1;
            a = T.MultiplyAdd(T.Broadcast(matrix[2]), d2, a);
            b = T.MultiplyAdd(T.Broadcast(matrix[3]), d3, b);
            if (positions > 4)
            {
                a = T.MultiplyAdd(T.Broadcast(matrix[4]), d4, a);
            }

            if (positions > 5)
            {
                b = T.MultiplyAdd(T.Broadcast(matrix[5]), d5, b);
            }

            if (positions > 6)
            {
                a = T.MultiplyAdd(T.Broadcast(matrix[6]), d6, a);
            }

            (a + b).Store(v);
            matrix += positions;
            v += slot;
        }
    }

    private static bool Visited(in ConvShape s, int rest)
    {
        for (int row = 0; row < s.R; row++)
        {
            if (row * s.Vertical.Dilation % s.Vertical.Stride == rest)
            {
                return true;
            }
        }

        return false;
    }
}
