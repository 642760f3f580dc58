using System.Runtime.CompilerServices;
using Fovea.Core.Shapes;

namespace Fovea.Core.Kernels.Planes;

/// <summary>
/// The gradient for the weights of convolutions of plain images in groups of few channels:
/// dw[k][c][tap] = Σ over images and pixels of x[pixel + tap] · dy[pixel], a vector of pixels at a time.
/// </summary>
/// <remarks>
/// <code>
/// scratch  bordered rows of x; then for every filter and channel of a group [whole vectors, last vectors][tap][16]
/// shared   [part][K×(C/groups)×R×S], added in the order of the parts; nothing where there is one
/// dw       K×(C/groups)×R×S
/// </code>
/// A vector of sums takes pixels whose columns differ by whole vectors. The last columns of a row have sums of their own: their
/// vector overlaps the one before, and those lanes are left out when lanes are added.
/// </remarks>
[SkipLocalsInit]
internal readonly unsafe struct PlaneSum
{
    // Chunks to aim for, whatever the number of workers: ranges of groups, then parts of the batch.
    private const int WantedChunks = 32;

    // Of a group's sums.
    private const int MostSums = 256 << 10;

    private readonly AxisWalk rows;
    private readonly AxisWalk columns;
    private readonly int rowDilation;
    private readonly int columnDilation;
    private readonly bool inPlace;
    private readonly bool hasShortRows;
    private readonly int rowsPerBand;
    private readonly BorderedRows band;

    /// <summary>Cuts the sum.</summary>
    public PlaneSum(in ConvShape s)
    {
        Images = s.N;
        Groups = s.Groups;
        Channels = s.GroupC;
        Filters = s.GroupK;
        rows = AxisWalk.Forward(s.Vertical, s.H, s.P);
        columns = AxisWalk.Forward(s.Horizontal, s.W, s.Q);
        rowDilation = s.Vertical.Dilation;
        columnDilation = s.Horizontal.Dilation;
        hasShortRows = Channels == 1 && Filters == 1 && PlaneCorrelation.IsShort(rows, columns);
        inPlace = hasShortRows || PlaneCorrelation.IsInPlace(rows, columns);
        rowsPerBand = inPlace ? rows.Targets : PlaneCorrelation.BandRows(rows, columns, 1);
        band = new BorderedRows(rows, columns, inPlace ? 1 : rowsPerBand);
        GroupsPerChunk = Math.Max(1, Groups / WantedChunks);
        Parts = Math.Clamp(WantedChunks / Groups, 1, Math.Max(1, Images));
    }

    /// <summary>Images.</summary>
    public int Images { get; }

    /// <summary>Groups.</summary>
    public int Groups { get; }

    /// <summary>Channels of a group.</summary>
    public int Channels { get; }

    /// <summary>Filters of a group.</summary>
    public int Filters { get; }

    /// <summary>Parts of the batch.</summary>
    public int Parts { get; }

    /// <summary>Groups in a chunk.</summary>
    public int GroupsPerChunk { get; }

    /// <summary>Floats that a vector may have.</summary>
    public int MostLanes => inPlace ? Lanes512.Count : columns.Targets;

    /// <summary>Chunks of summing.</summary>
    public int Chunks => Parts * Ranges;

    /// <summary>Floats of the parts' sums.</summary>
    public long SharedFloats => Parts == 1 ? 0 : Parts * Weights;

    /// <summary>Floats of scratch a worker.</summary>
    public long ScratchFloats => band.Floats + ((long)Filters * Channels * SlabFloats);

    private int Ranges => Correlation.Pieces(Groups, GroupsPerChunk);

    private int Window => rows.Taps * columns.Taps;

    // Both kinds of sums for one filter and channel, with room for the walk's last taps.
    private int SlabFloats => 2 * SetFloats;

    private int SetFloats => (Window + PlaneSumTile.Taps - 1) / PlaneSumTile.Taps * PlaneSumTile.Taps * Blocks.Width;

    private long Weights => (long)Groups * Filters * Channels * Window;

    /// <summary>Whether the method applies: windows that move by one, target rows that fill a vector, sums that a cache holds.</summary>
    public static bool Fits(in ConvShape s) =>
        PlaneCorrelation.IsWide(s, s.Q)
        && (s.Groups == s.C && s.Groups == s.K || 2L * s.GroupC * s.GroupK * s.R * s.S * Blocks.Width * sizeof(float) <= MostSums);

    /// <summary>Sums one part of the batch for some groups.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Run<T>(int chunk, float* x, float* dy, float* dw, float* shared, float* scratch)
        where T : struct, ILanes<T>
    {
        int group0 = chunk % Ranges * GroupsPerChunk;
        int group1 = Math.Min(Groups, group0 + GroupsPerChunk);
        int part = chunk / Ranges;
        float* results = Parts == 1 ? dw : shared + (part * Weights);
        if (hasShortRows)
        {
            SumShortRows(part, group0, group1, x, dy, results);
            return;
        }

        int* offsets = stackalloc int[Window + PlaneSumTile.Taps];
        List(offsets);
        float* sums = scratch + band.Floats;
        if (rowsPerBand == rows.Targets)
        {
            band.Clear(scratch);
        }

        for (int group = group0; group < group1; group++)
        {
            new Span<float>(sums, Filters * Channels * SlabFloats).Clear();
            for (int row0 = 0; row0 < rows.Targets; row0 += rowsPerBand)
            {
                Band<T>(part, group, row0, x, dy, offsets, sums, scratch);
            }

            for (int i = 0; i < Filters * Channels; i++)
            {
                AddLanes<T>(sums + ((nint)i * SlabFloats), results + ((((nint)group * Filters * Channels) + i) * Window));
            }
        }
    }

    /// <summary>Adds the parts' sums.</summary>
    public void Add(float* shared, float* dw)
    {
        for (long i = 0; i < Weights && Parts > 1; i++)
        {
            float sum = 0;
            for (int part = 0; part < Parts; part++)
            {
                sum += shared[(part * Weights) + i];
            }

            dw[i] = sum;
        }
    }

    private int FirstImage(int part) => (int)((long)Images * part / Parts);

    private void SumShortRows(int part, int group0, int group1, float* x, float* dy, float* results)
    {
        ShortRows planes = new(rows.Targets, columns.Targets);
        nint plane = (nint)rows.Targets * columns.Targets, apart = Groups * plane;
        int image0 = FirstImage(part), images = FirstImage(part + 1) - image0;
        for (int group = group0; group < group1; group++)
        {
            nint first = (image0 * apart) + (group * plane);
            planes.Sum(x + first, dy + first, images, apart, results + ((nint)group * Window));
        }
    }

    private void Band<T>(int part, int group, int row0, float* x, float* dy, int* offsets, float* sums, float* scratch)
        where T : struct, ILanes<T>
    {
        if (rowsPerBand < rows.Targets)
        {
            band.Clear(scratch);
        }

        int count = Math.Min(rowsPerBand, rows.Targets - row0);
        nint sourcePlane = (nint)rows.Sources * columns.Sources;
        nint targetPlane = (nint)rows.Targets * columns.Targets;
        int last = FirstImage(part + 1);
        for (int image = FirstImage(part); image < last; image++)
        {
            nint first = ((nint)image * Groups) + group;
            float* from = x + (first * Channels * sourcePlane);
            float* gradients = dy + (first * Filters * targetPlane) + ((nint)row0 * columns.Targets);
            for (int channel = 0; channel < Channels; channel++)
            {
                if (!inPlace)
                {
                    band.Copy<T>(from + (channel * sourcePlane), row0, count, scratch);
                }

                for (int filter = 0; filter < Filters; filter++)
                {
                    float* nextX = from + ((((nint)Groups * Channels) + channel) * sourcePlane) + ((nint)row0 * columns.Sources);
                    float* nextDy = gradients + ((((nint)Groups * Filters) + filter) * targetPlane);
                    Plane<T>(inPlace ? from + (channel * sourcePlane) : scratch, scratch, gradients + (filter * targetPlane), count, offsets, sums + ((nint)((filter * Channels) + channel) * SlabFloats), nextX, nextDy);
                }
            }
        }
    }

    // Rows that share sources are a dilation apart. Whole vectors of columns, then the last.
    private void Plane<T>(float* x, float* zeros, float* dy, int count, int* offsets, float* sums, float* nextX, float* nextDy)
        where T : struct, ILanes<T>
    {
        if (inPlace)
        {
            if (columns.Targets <= Lanes512.Count)
            {
                PlaneSumTile.ThreeInPlace<BothEnds>(x, zeros, dy, count, columns.Targets, sums, nextX, nextDy);
            }
            else
            {
                nint half = (nint)count * Lanes512.Count;
                PlaneSumTile.ThreeInPlace<LeftEnd>(x, zeros, dy, count, columns.Targets, sums, nextX, nextDy);
                PlaneSumTile.ThreeInPlace<RightEnd>(x, zeros, dy, count, columns.Targets, sums + SetFloats, nextX + half, nextDy + half);
            }

            return;
        }

        int whole = columns.Targets / T.Count * T.Count;
        Strip<T>(x, dy, count, whole, offsets, sums, nextX, nextDy);
        if (whole < columns.Targets)
        {
            int at = columns.Targets - T.Count;
            nint done = (nint)count * whole;
            Strip<T>(x + at, dy + at, count, T.Count, offsets, sums + SetFloats, nextX + done, nextDy + done);
        }
    }

    private void Strip<T>(float* x, float* dy, int count, int width, int* offsets, float* sums, float* nextX, float* nextDy)
        where T : struct, ILanes<T>
    {
        nint sourceRow = band.RowFloats;
        nint targetRow = columns.Targets;
        if (rows.Taps != 3 || columns.Taps != 3 || columns.Span(1) > PlaneTile.MostExtent || count < PlaneSumTile.Rows * rowDilation)
        {
            for (int tap = 0; tap < Window; tap += PlaneSumTile.Taps)
            {
                PlaneSumTile.Any<T>(x, sourceRow, offsets + tap, dy, targetRow, count, width, sums + (tap * Blocks.Width));
            }

            return;
        }

        for (int row = 0; row < rowDilation; row++)
        {
            int rowsOf = Correlation.Pieces(count - row, rowDilation);
            PlaneSumTile.Three<T>(x + (row * sourceRow), rowDilation * sourceRow, columnDilation, dy + (row * targetRow), rowDilation * targetRow, rowsOf, width, sums, nextX, nextDy);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void AddLanes<T>(float* sums, float* result)
        where T : struct, ILanes<T>
    {
        int overlap = (T.Count - (columns.Targets % T.Count)) % T.Count;
        for (int tap = 0; tap < Window; tap++)
        {
            float* whole = sums + (tap * Blocks.Width);
            result[tap] = T.Sum(T.Load(whole) + T.Since(T.Load(whole + SetFloats), overlap));
        }
    }

    // Where taps are read, from the top left of the window; the last once more, to fill the walk.
    private void List(int* offsets)
    {
        for (int row = 0; row < rows.Taps; row++)
        {
            for (int column = 0; column < columns.Taps; column++)
            {
                *offsets++ = (row * rowDilation * band.RowFloats) + (column * columnDilation);
            }
        }

        new Span<int>(offsets, PlaneSumTile.Taps).Fill(offsets[-1]);
    }
}
