using System.Runtime.CompilerServices;
using Fovea.Core.Shapes;

namespace Fovea.Core.Kernels;

/// <summary>A band of an image whose inputs are transformed: its register tiles, one after the other.</summary>
internal readonly unsafe struct ColumnBand
{
    private const int LandingFloats = ColumnTile.Vectors * ColumnTile.Scalars * RowBasis.Side * Blocks.Width;

    private readonly ColumnTiles tiles;
    private readonly ConvShape s;
    private readonly int count, row0, steps;
    private readonly long tileFloats;
    private readonly nint slot;
    private readonly float* v;
    private readonly float* packed;
    private readonly float* bias;
    private readonly float* y;
    private readonly bool paired, relu, far;
    private readonly float* landing;
    private readonly int* taps;
    private readonly Spot* spots;

    /// <summary>A band.</summary>
    /// <param name="tiles">The sizes and the cuts.</param>
    /// <param name="tile0">Its first row of tiles.</param>
    /// <param name="count">Rows of tiles that it has.</param>
    /// <param name="paired">Whether even and odd columns lie apart.</param>
    /// <param name="v">The transformed inputs.</param>
    /// <param name="packed">The packed weights.</param>
    /// <param name="bias">The biases, whole blocks of them.</param>
    /// <param name="relu">Whether max(0, ·) follows.</param>
    /// <param name="y">The image's target.</param>
    /// <param name="far">Whether it goes past the caches.</param>
    /// <param name="scratch">Room for <see cref="ScratchFloats"/>.</param>
    public ColumnBand(in ColumnTiles tiles, int tile0, int count, bool paired, float* v, float* packed, float* bias, bool relu, float* y, bool far, float* scratch)
    {
        this.tiles = tiles;
        this.count = count;
        this.paired = paired;
        this.v = v;
        this.packed = packed;
        this.bias = bias;
        this.relu = relu;
        this.y = y;
        this.far = far;
        s = tiles.Sizes;
        row0 = tile0 * RowBasis.Side;
        steps = tiles.Taps;
        slot = s.C * tiles.LineOf(paired);
        tileFloats = ColumnTiles.Positions * slot;
        landing = scratch;
        taps = (int*)(landing + LandingFloats);
        spots = (Spot*)(taps + Rounded(steps));
        List(tiles.LineFloats, tiles.Rows.PhaseColumns);
    }

    /// <summary>Floats of scratch, whole cache lines.</summary>
    public static long ScratchFloats(in ColumnTiles tiles)
    {
        long vectors = tiles.TilesPerBand * Correlation.Pieces(tiles.Sizes.Q, Lanes128.Count);
        return LandingFloats + Rounded(tiles.Taps) + Rounded(vectors * sizeof(Spot) / sizeof(float));
    }

    /// <summary>
    /// Plain targets: filters are the scalars. The vectors are those of all rows of tiles, two at a time, whether they lie beside each
    /// other or not; or sixteen pairs of pixels. The last one of a row ends with it.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Plain<T>()
        where T : struct, ILanes<T>
    {
        int vectors = paired ? Spots(ColumnPairTile.Pixels, 2) : Spots(T.Count, 1);
        for (int block = 0; block < Blocks.Of(s.K); block += ColumnProduct.GroupBlocks)
        {
            int group = ColumnProduct.GroupAt(tiles, block);
            float* w = packed + ColumnProduct.GroupOffset(tiles, block);
            int first = block * Blocks.Width;
            int filters = Math.Min(group, s.K - first);
            for (int next = 0; next < filters; next += ColumnTile.Scalars)
            {
                // The last tile ends with the group, and gives some filters a second time, to the same bits.
                int filter = Math.Max(0, Math.Min(next, filters - ColumnTile.Scalars));
                if (paired)
                {
                    Pairs(vectors, first + filter, Math.Min(ColumnTile.Scalars, filters), w + filter, group);
                }
                else
                {
                    Plain<T>(vectors, first + filter, Math.Min(ColumnTile.Scalars, filters), w + filter, group);
                }
            }
        }
    }

    /// <summary>Blocked targets: filters are the vectors.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Blocked<T>()
        where T : struct, ILanes<T>
    {
        for (int block = 0; block < Blocks.Of(s.K); block += ColumnProduct.GroupBlocks)
        {
            int group = ColumnProduct.GroupAt(tiles, block);
            if (group < ColumnTile.Vectors * T.Count)
            {
                Blocked<Lanes256>(block, group);
            }
            else
            {
                Blocked<T>(block, group);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Plain<T>(int vectors, int filter, int filters, float* w, int group)
        where T : struct, ILanes<T>
    {
        nint plane = s.P * s.Q;
        float* to = y + (filter * plane) + ((nint)row0 * s.Q);
        for (int i = 0; i < vectors; i += ColumnTile.Vectors)
        {
            Spot first = spots[i];
            Spot second = spots[Math.Min(i + 1, vectors - 1)];
            bool whole = filters == ColumnTile.Scalars && first.Rows == RowBasis.Side && second.Rows == RowBasis.Side;
            ColumnTarget target = whole ? new(to + first.Target, s.Q, second.Target - first.Target, plane, relu, far) : Landing;
            ColumnTile.Run<T, PixelVectors>(taps, steps, v + first.Source, slot, second.Source - first.Source, w, group, bias + filter, target);
            if (!whole)
            {
                Land<T>(0, to + first.Target, s.Q, first.Rows, plane, filters);
                Land<T>(1, to + second.Target, s.Q, second.Rows, plane, filters);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Pairs(int count, int filter, int filters, float* w, int group)
    {
        nint plane = s.P * s.Q;
        float* to = y + (filter * plane) + ((nint)row0 * s.Q);
        for (int i = 0; i < count; i++)
        {
            Spot spot = spots[i];
            bool whole = filters == ColumnTile.Scalars && spot.Rows == RowBasis.Side;
            ColumnTarget target = whole ? new(to + spot.Target, s.Q, Lanes512.Count, plane, relu, far) : Landing;
            ColumnPairTile.Run(s.C, v + spot.Source, tiles.LineOf(true), tiles.HalfFloats, slot, w, group, bias + filter, target);
            if (!whole)
            {
                Land<Lanes512>(0, to + spot.Target, s.Q, spot.Rows, plane, filters);
                Land<Lanes512>(1, to + spot.Target + Lanes512.Count, s.Q, spot.Rows, plane, filters);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Blocked<T>(int block, int group)
        where T : struct, ILanes<T>
    {
        float* w = packed + ColumnProduct.GroupOffset(tiles, block);
        nint plane = (nint)s.P * s.Q * Blocks.Width;
        nint row = (nint)s.Q * Blocks.Width;
        nint apart = T.Count < Blocks.Width ? T.Count : plane;
        for (int tile = 0; tile < count; tile++)
        {
            int rows = Math.Min(RowBasis.Side, s.P - row0 - (tile * RowBasis.Side));
            float* from = v + (tile * tileFloats);
            float* to = y + (block * plane) + ((row0 + (tile * RowBasis.Side)) * row);
            bool whole = rows == RowBasis.Side;
            for (int next = 0; next < s.Q; next += ColumnTile.Scalars)
            {
                int pixel = Math.Min(next, s.Q - ColumnTile.Scalars);
                for (int lane = 0; lane < group; lane += ColumnTile.Vectors * T.Count)
                {
                    float* place = to + (lane / Blocks.Width * plane) + (lane % Blocks.Width) + (pixel * Blocks.Width);
                    ColumnTarget target = whole ? new(place, row, apart, Blocks.Width, relu, far) : Landing;
                    ColumnTile.Run<T, FilterVectors>(taps, steps, from + pixel, slot, T.Count, w + lane, group, bias + (block * Blocks.Width) + lane, target);
                    if (!whole)
                    {
                        Land<T>(0, place, row, rows, Blocks.Width, ColumnTile.Scalars);
                        Land<T>(1, place + apart, row, rows, Blocks.Width, ColumnTile.Scalars);
                    }
                }
            }
        }
    }

    // Where a tile goes that has rows or filters which there are not.
    private ColumnTarget Landing => new(landing, ColumnTile.Vectors * Blocks.Width, Blocks.Width, RowBasis.Side * ColumnTile.Vectors * Blocks.Width, relu, false);

    private static long Rounded(long floats) => (floats + Blocks.Width - 1) / Blocks.Width * Blocks.Width;

    private void Land<T>(int vector, float* to, nint row, int rows, nint scalar, int scalars)
        where T : struct, ILanes<T>
    {
        ColumnTarget from = Landing;
        for (int i = 0; i < scalars; i++)
        {
            for (int j = 0; j < rows; j++)
            {
                T.Load(from.Y + (i * from.Scalar) + (j * from.Row) + (vector * from.Vector)).Store(to + (i * scalar) + (j * row));
            }
        }
    }

    // What each step of a position reads, in the order of the packed weights.
    private void List(int lineFloats, int phaseColumns)
    {
        int stride = s.Horizontal.Stride;
        int dilation = s.Horizontal.Dilation;
        for (int step = 0; step < steps; step++)
        {
            int distance = step % s.S * dilation;
            taps[step] = (step / s.S * lineFloats) + (distance % stride * phaseColumns) + (distance / stride);
        }
    }

    // The places where so many pixels of a row begin, of which those that are `apart` from each other lie side by side in the band.
    private int Spots(int lanes, int apart)
    {
        int columns = Correlation.Pieces(s.Q, lanes);
        for (int tile = 0; tile < count; tile++)
        {
            int row = tile * RowBasis.Side;
            for (int i = 0; i < columns; i++)
            {
                int column = Math.Min(i * lanes, s.Q - lanes);
                spots[(tile * columns) + i] = new Spot((int)(tile * tileFloats) + (column / apart), (row * s.Q) + column, Math.Min(RowBasis.Side, s.P - row0 - row));
            }
        }

        return count * columns;
    }

    // Where a vector of pixels begins, in the band and in a filter's target, and the rows of outputs that there are.
    private readonly record struct Spot(int Source, int Target, int Rows);
}
