using System.Runtime.CompilerServices;
using Fovea.Core.Shapes;

namespace Fovea.Core.Kernels;

/// <summary>
/// Winograd's method along rows, for convolutions of a few plain channels: position by position a product of transformed inputs
/// and weights, summed over channels, the window's rows and the phases of its columns, and transformed back while the first cache
/// has it. Along the other axis nothing is saved; but sums over a few channels alone would be too short to be worth transforming.
/// </summary>
/// <remarks>
/// <code>
/// packed  [filter group][position][phase][channel][row of the window][filters of the group]
/// y       K×P×Q plain, or ⌈K/16⌉×P×Q×16
/// </code>
/// </remarks>
internal static unsafe class RowProduct
{
    /// <summary>Floats of scratch that each worker needs.</summary>
    public static long ScratchFloats(in RowTiles tiles) =>
        ListFloats(tiles) + BiasFloats(tiles) + Rounded(tiles.LineFloats) + LandingFloats(tiles) + SumFloats(tiles) + tiles.BandFloats;

    /// <summary>Transforms the weights of one filter; of one past the last to zeros.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Pack(in RowTiles tiles, float* weights, int filter, float* packed)
    {
        ConvShape s = tiles.Sizes;
        int stride = s.Horizontal.Stride;
        int block = filter / Blocks.Width;
        int start = block - (block % tiles.GroupAt(0));
        int step = tiles.GroupAt(start) * Blocks.Width;
        packed += ((long)start * Blocks.Width * tiles.Reduction) + filter - (start * Blocks.Width);
        float* plane = weights + ((nint)filter * s.C * s.R * s.S);
        for (int position = 0; position < tiles.Positions; position++)
        {
            for (int phase = 0; phase < tiles.Phases; phase++)
            {
                int taps = tiles.TapsOf(phase);
                ReadOnlySpan<double> row = RowBasis.Weights(taps, position);
                float* from = plane + phase;
                for (int i = 0; i < s.C * s.R && !row.IsEmpty; i++)
                {
                    double sum = 0;
                    for (int tap = 0; tap < taps && filter < s.K; tap++)
                    {
                        sum += row[tap] * from[tap * stride];
                    }

                    *packed = (float)sum;
                    packed += step;
                    from += s.S;
                }
            }
        }
    }

    /// <summary>Computes one band of one image.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Run<T>(in RowTiles tiles, int chunk, float* x, float* packed, float* bias, bool relu, float* y, bool plain, bool far, float* scratch)
        where T : struct, ILanes<T>
    {
        ConvShape s = tiles.Sizes;
        int image = chunk / tiles.Bands;
        int row0 = chunk % tiles.Bands * tiles.RowsPerBand;
        int rows = Math.Min(tiles.RowsPerBand, s.P - row0);
        int filterBlocks = Blocks.Of(s.K);
        var taps = (Tap*)scratch;
        scratch += ListFloats(tiles);
        float* biases = scratch;
        scratch += BiasFloats(tiles);
        float* line = scratch;
        scratch += Rounded(tiles.LineFloats);
        float* landing = scratch;
        scratch += LandingFloats(tiles);
        float* sums = scratch;
        float* v = scratch + SumFloats(tiles);
        new Span<float>(biases, filterBlocks * Blocks.Width).Clear();
        if (bias != null)
        {
            new ReadOnlySpan<float>(bias, s.K).CopyTo(new Span<float>(biases, s.K));
        }

        int* counts = stackalloc int[RowBasis.Positions(RowBasis.MostTaps)];
        List(tiles, taps, counts);
        RowSource.Run<T>(tiles, x + ((nint)image * s.C * s.H * s.W), row0, rows, line, v);
        y += (nint)image * (plain ? s.K : filterBlocks * Blocks.Width) * s.P * s.Q;
        int all = rows * tiles.Tiles;
        for (int panel = 0; panel < all; panel += tiles.PanelTiles)
        {
            int count = Math.Min(tiles.PanelTiles, all - panel);
            var target = new RowTarget(tiles, y + ((nint)row0 * s.Q), panel, count, relu, far, landing);
            for (int block = 0; block < filterBlocks; block += tiles.GroupAt(block))
            {
                float* w = packed + ((long)block * Blocks.Width * tiles.Reduction);
                if (plain)
                {
                    Plain<T>(tiles, taps, counts, v + panel, w, block, biases, sums, target);
                }
                else
                {
                    Blocked<T>(tiles, taps, counts, v + panel, w, block, biases, relu, far, sums, y, row0, panel, count);
                }
            }
        }
    }

    // Tiles are the vectors. What a register tile's filters have summed is transformed back and stored between the products of the next
    // ones, a few filters at a time: a cache takes some lines at once, not all of them.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Plain<T>(in RowTiles tiles, Tap* lists, int* counts, float* v, float* w, int block, float* bias, float* sums, in RowTarget target)
        where T : struct, ILanes<T>
    {
        int width = tiles.PanelTiles;
        int blocks = width / Blocks.Width;
        int group = tiles.GroupAt(block) * Blocks.Width;
        int first = block * Blocks.Width;
        int filters = Math.Min(group, tiles.Sizes.K - first);
        int positions = tiles.Positions;
        int most = PixelTile.MostPixels(blocks);
        int pieces = Correlation.Pieces(filters, most);
        nint step = positions * width;
        nint room = most * step;
        int before = 0;
        int begin = 0;
        for (int piece = 1; piece <= pieces + 1; piece++)
        {
            int end = Math.Min(filters, filters * piece / pieces);
            Tap* list = lists;
            float* weights = w + begin;
            float* now = sums + (piece % 2 * room);
            float* last = sums + ((piece + 1) % 2 * room);
            int done = before;
            for (int j = 0; j < positions; j++)
            {
                if (begin == end)
                {
                    // Nothing is left to multiply.
                }
                else if (group == Blocks.Width)
                {
                    PixelTile.Run<WindowStep1>(blocks, end - begin, list, counts[j], weights, v, now + (j * width), Blocks.Width, step, null, TileFlags.None);
                }
                else
                {
                    PixelTile.Run<WindowStep2>(blocks, end - begin, list, counts[j], weights, v, now + (j * width), Blocks.Width, step, null, TileFlags.None);
                }

                list += counts[j];
                weights += counts[j] * group;
                for (int ready = before + ((begin - before) * (j + 1) / positions); done < ready; done++)
                {
                    target.Store<T>(first + done, bias[first + done], last + ((done - before) * step));
                }
            }

            before = begin;
            begin = end;
        }
    }

    // Filters are the vectors.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Blocked<T>(in RowTiles tiles, Tap* lists, int* counts, float* v, float* w, int block, float* bias, bool relu, bool far, float* sums, float* y, int row0, int panel, int count)
        where T : struct, ILanes<T>
    {
        ConvShape s = tiles.Sizes;
        int blocks = tiles.GroupAt(block);
        int positions = tiles.Positions;
        nint blockFloats = tiles.PanelTiles * Blocks.Width;
        nint step = blocks * blockFloats;
        for (int j = 0; j < positions; j++)
        {
            PixelTile.Row<PlainStep>(blocks, count, lists, counts[j], v, w, sums + (j * step), blockFloats, Blocks.Width, null, TileFlags.None);
            lists += counts[j];
            w += counts[j] * blocks * Blocks.Width;
        }

        for (int b = 0; b < blocks; b++)
        {
            float* plane = y + ((((nint)(block + b) * s.P) + row0) * s.Q * Blocks.Width);
            for (int tile = 0; tile < count; tile++)
            {
                int row = (panel + tile) / tiles.Tiles;
                int column = (panel + tile) % tiles.Tiles * RowBasis.Side;
                float* to = plane + ((((nint)row * s.Q) + column) * Blocks.Width);
                float* m = sums + (b * blockFloats) + (tile * Blocks.Width);
                for (int lane = 0; lane < Blocks.Width; lane += T.Count)
                {
                    RowBasis.Output(positions, m + lane, step, T.Load(bias + ((block + b) * Blocks.Width) + lane), out T y0, out T y1, out T y2, out T y3);
                    RowTarget.Block(y0, y1, y2, y3, relu, far, to + lane, s.Q - column);
                }
            }
        }
    }

    // What every position's product reads, in the order of the packed weights.
    private static void List(in RowTiles tiles, Tap* list, int* counts)
    {
        ConvShape s = tiles.Sizes;
        int stride = s.Vertical.Stride;
        for (int position = 0; position < tiles.Positions; position++)
        {
            int count = 0;
            int slot = position;
            for (int phase = 0; phase < tiles.Phases; phase++)
            {
                int positions = RowBasis.Positions(tiles.TapsOf(phase));
                for (int channel = 0; channel < s.C && position < positions; channel++)
                {
                    for (int row = 0; row < s.R; row++)
                    {
                        int distance = row * s.Vertical.Dilation;
                        int stream = (((slot * s.C) + channel) * stride) + (distance % stride);
                        list[count++] = new Tap((stream * tiles.StreamFloats) + (distance / stride * tiles.Tiles), 1);
                    }
                }

                slot += positions;
            }

            counts[position] = count;
            list += count;
        }
    }

    private static long Rounded(long floats) => (floats + Blocks.Width - 1) / Blocks.Width * Blocks.Width;

    private static long ListFloats(in RowTiles tiles) => Rounded(2L * tiles.Taps);

    private static long BiasFloats(in RowTiles tiles) => Blocks.Of(tiles.Sizes.K) * Blocks.Width;

    private static long LandingFloats(in RowTiles tiles) => 2 * tiles.PanelTiles * RowBasis.Side;

    // Of a panel and a group of filters, whichever are the vectors.
    private static long SumFloats(in RowTiles tiles) => 2L * tiles.Positions * tiles.PanelTiles * tiles.PanelTiles;
}
