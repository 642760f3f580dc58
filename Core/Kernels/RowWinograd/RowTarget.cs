using System.Runtime.CompilerServices;
using Fovea.Core.Shapes;

namespace Fovea.Core.Kernels;

/// <summary>Where a panel of tiles is stored in plain images: rows follow each other, so that it is one run of pixels, but for rows whose last tile is not whole.</summary>
internal readonly unsafe struct RowTarget
{
    private readonly float* y;
    private readonly float* landing;
    private readonly nint plane;
    private readonly int positions, width, panel, count, tiles, columns;
    private readonly bool whole, relu, far;

    /// <summary>A panel's place.</summary>
    /// <param name="tiles">The sizes.</param>
    /// <param name="y">The band in the first filter's plane.</param>
    /// <param name="panel">The first tile, counted from the band's.</param>
    /// <param name="count">Tiles of the panel that there are.</param>
    /// <param name="relu">Whether max(0, ·) follows.</param>
    /// <param name="far">Whether targets go past the caches.</param>
    /// <param name="landing">Room for the panel's targets.</param>
    public RowTarget(in RowTiles tiles, float* y, int panel, int count, bool relu, bool far, float* landing)
    {
        this.y = y;
        this.landing = landing;
        this.panel = panel;
        this.count = count;
        this.relu = relu;
        this.tiles = tiles.Tiles;
        columns = tiles.Sizes.Q;
        plane = tiles.Sizes.P * columns;
        positions = tiles.Positions;
        width = tiles.PanelTiles;
        whole = count == width && columns % RowBasis.Side == 0;
        this.far = far && whole && plane % Blocks.Width == 0 && FarStores.BeginsLine(y + (panel * RowBasis.Side));
    }

    /// <summary>Where a filter's targets of a panel go: its place, or that of one of so many in the landing.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public float* Begin(int filter, int among) => whole ? y + (filter * plane) + (panel * RowBasis.Side) : landing + (among * width * RowBasis.Side);

    /// <summary>Stores four outputs of some tiles, side by side, and goes on behind them.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Store<T>(T y0, T y1, T y2, T y3, ref float* to)
        where T : struct, ILanes<T>
    {
        if (relu)
        {
            y0 = T.Relu(y0);
            y1 = T.Relu(y1);
            y2 = T.Relu(y2);
            y3 = T.Relu(y3);
        }

        T.Interleave(ref y0, ref y1, ref y2, ref y3);
        if (far)
        {
            y0.StoreFar(to);
            y1.StoreFar(to + T.Count);
            y2.StoreFar(to + (2 * T.Count));
            y3.StoreFar(to + (3 * T.Count));
        }
        else
        {
            y0.Store(to);
            y1.Store(to + T.Count);
            y2.Store(to + (2 * T.Count));
            y3.Store(to + (3 * T.Count));
        }

        to += RowBasis.Side * T.Count;
    }

    /// <summary>Copies what some filters could not store in its place, up to the ends of rows.</summary>
    public void End(int filter, int filters)
    {
        if (!whole)
        {
            for (int among = 0; among < filters; among++)
            {
                Copy(y + ((filter + among) * plane), landing + (among * width * RowBasis.Side));
            }
        }
    }

    /// <summary>Transforms a filter's sums back, and stores them.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Store<T>(int filter, float bias, float* sums)
        where T : struct, ILanes<T>
    {
        float* to = Begin(filter, 0);
        for (int tile = 0; tile < width; tile += T.Count)
        {
            RowBasis.Output(positions, sums + tile, width, T.Broadcast(bias), out T y0, out T y1, out T y2, out T y3);
            Store(y0, y1, y2, y3, ref to);
        }

        End(filter, 1);
    }

    /// <summary>Stores up to four outputs of filters that are the vectors: a block's neighbouring pixels.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Block<T>(T y0, T y1, T y2, T y3, bool relu, bool far, float* y, int pixels)
        where T : struct, ILanes<T>
    {
        Block(y0, relu, far, y, pixels > 0);
        Block(y1, relu, far, y + Blocks.Width, pixels > 1);
        Block(y2, relu, far, y + (2 * Blocks.Width), pixels > 2);
        Block(y3, relu, far, y + (3 * Blocks.Width), pixels > 3);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Block<T>(T lanes, bool relu, bool far, float* y, bool there)
        where T : struct, ILanes<T>
    {
        lanes = relu ? T.Relu(lanes) : lanes;
        if (there && far)
        {
            lanes.StoreFar(y);
        }
        else if (there)
        {
            lanes.Store(y);
        }
    }

    private void Copy(float* band, float* from)
    {
        int run;
        for (int tile = 0; tile < count; tile += run)
        {
            int row = (panel + tile) / tiles;
            int column = (panel + tile) % tiles;
            run = Math.Min(count - tile, tiles - column);
            int pixels = Math.Min(run * RowBasis.Side, columns - (column * RowBasis.Side));
            float* to = band + ((nint)row * columns) + (column * RowBasis.Side);
            new ReadOnlySpan<float>(from + (tile * RowBasis.Side), pixels).CopyTo(new Span<float>(to, pixels));
        }
    }
}
