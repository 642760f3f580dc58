using System.Runtime.CompilerServices;
using Fovea.Core.Shapes;

namespace Fovea.Core.Kernels.Planes;

/// <summary>
/// The rows of one target channel from bordered rows of its sources, in tiles of four rows and a vector of columns. The
/// last tiles of a row and of a plane overlap the ones before: what they compute twice is the same.
/// </summary>
[SkipLocalsInit]
internal unsafe struct PlaneTile
{
    /// <summary>Rows of a tile.</summary>
    public const int Rows = 4;

    /// <summary>The most columns from a window's first to its last, both included, with which sources lie in two vectors.</summary>
    public const int MostExtent = 17;

    /// <summary>Source channels, and floats between their planes.</summary>
    public int Sources, SourceFloats;

    /// <summary>Where products are read, from the first column and row that a target reads; and how many there are.</summary>
    public int* Offsets;

    /// <summary>The number of products.</summary>
    public int Count;

    /// <summary>Rows of the window, columns of the window, and floats between these.</summary>
    public int WindowRows, Window, Column;

    /// <summary>What <see cref="ILanes{TSelf}.From"/> says of each column of the window, sixteen floats apart.</summary>
    public float* Lanes;

    /// <summary>The weights in the order of the products.</summary>
    public float* Weights;

    /// <summary>What sums begin with.</summary>
    public float Bias;

    /// <summary>Whether max(0, ·) follows.</summary>
    public bool Relu;

    /// <summary>Columns of a target row, as many as there are lanes or more.</summary>
    public int Columns;

    /// <summary>What is read and written for the next target: fetched meanwhile.</summary>
    public float* NextSource, NextTarget;

    /// <summary>
    /// Windows of 3×3, whose columns lie in two vectors, four target rows or more: a tile's six source rows are
    /// loaded once for all of its rows, and where there is one source the weights stay in registers.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public readonly void Three<T>(float* x, nint xRow, float* y, nint yRow, int rows)
        where T : struct, ILanes<T>
    {
        nint column = Column;
        int sources = Sources, loaded = -1, columns = Columns;
        bool relu = Relu;
        float* nextSource = NextSource, nextTarget = NextTarget;
        T bias = T.Broadcast(Bias), next = T.From(Column), nextButOne = T.From(2 * Column);
        T w0 = bias, w1 = bias, w2 = bias, w3 = bias, w4 = bias, w5 = bias, w6 = bias, w7 = bias, w8 = bias;
        for (int row = 0; row < rows; row += Rows)
        {
            int top = Math.Min(row, rows - Rows);
            float* from = x + (top * xRow);
            float* to = y + (top * yRow);
            for (int left = 0; left < columns; left += T.Count)
            {
                int at = Math.Min(left, columns - T.Count);
                T s0 = bias, s1 = bias, s2 = bias, s3 = bias;
                for (int source = 0; source < sources; source++)
                {
                    if (source != loaded)
                    {
                        float* w = Weights + (source * 9);
                        w0 = T.Broadcast(w[0]);
                        w1 = T.Broadcast(w[1]);
                        w2 = T.Broadcast(w[2]);
                        w3 = T.Broadcast(w[3]);
                        w4 = T.Broadcast(w[4]);
                        w5 = T.Broadcast(w[5]);
                        w6 = T.Broadcast(w[6]);
                        w7 = T.Broadcast(w[7]);
                        w8 = T.Broadcast(w[8]);
                        loaded = source;
                    }

                    float* a = from + at + ((nint)source * SourceFloats);
                    T low = T.Load(a);
                    T high = T.Load(a + T.Count);
                    s0 = T.MultiplyAdd(low, w0, s0);
                    T v = T.Between(low, high, next, a + column);
                    s0 = T.MultiplyAdd(v, w1, s0);
                    v = T.Between(low, high, nextButOne, a + column + column);
                    s0 = T.MultiplyAdd(v, w2, s0);

                    a += xRow;
                    low = T.Load(a);
                    high = T.Load(a + T.Count);
                    s0 = T.MultiplyAdd(low, w3, s0);
                    s1 = T.MultiplyAdd(low, w0, s1);
                    v = T.Between(low, high, next, a + column);
                    s0 = T.MultiplyAdd(v, w4, s0);
                    s1 = T.MultiplyAdd(v, w1, s1);
                    v = T.Between(low, high, nextButOne, a + column + column);
                    s0 = T.MultiplyAdd(v, w5, s0);
                    s1 = T.MultiplyAdd(v, w2, s1);

                    a += xRow;
                    low = T.Load(a);
                    high = T.Load(a + T.Count);
                    s0 = T.MultiplyAdd(low, w6, s0);
                    s1 = T.MultiplyAdd(low, w3, s1);
                    s2 = T.MultiplyAdd(low, w0, s2);
                    v = T.Between(low, high, next, a + column);
                    s0 = T.MultiplyAdd(v, w7, s0);
                    s1 = T.MultiplyAdd(v, w4, s1);
                    s2 = T.MultiplyAdd(v, w1, s2);
                    v = T.Between(low, high, nextButOne, a + column + column);
                    s0 = T.MultiplyAdd(v, w8, s0);
                    s1 = T.MultiplyAdd(v, w5, s1);
                    s2 = T.MultiplyAdd(v, w2, s2);

                    a += xRow;
                    low = T.Load(a);
                    high = T.Load(a + T.Count);
                    s1 = T.MultiplyAdd(low, w6, s1);
                    s2 = T.MultiplyAdd(low, w3, s2);
                    s3 = T.MultiplyAdd(low, w0, s3);
                    v = T.Between(low, high, next, a + column);
                    s1 = T.MultiplyAdd(v, w7, s1);
                    s2 = T.MultiplyAdd(v, w4, s2);
                    s3 = T.MultiplyAdd(v, w1, s3);
                    v = T.Between(low, high, nextButOne, a + column + column);
                    s1 = T.MultiplyAdd(v, w8, s1);
                    s2 = T.MultiplyAdd(v, w5, s2);
                    s3 = T.MultiplyAdd(v, w2, s3);

                    a += xRow;
                    low = T.Load(a);
                    high = T.Load(a + T.Count);
                    s2 = T.MultiplyAdd(low, w6, s2);
                    s3 = T.MultiplyAdd(low, w3, s3);
                    v = T.Between(low, high, next, a + column);
                    s2 = T.MultiplyAdd(v, w7, s2);
                    s3 = T.MultiplyAdd(v, w4, s3);
                    v = T.Between(low, high, nextButOne, a + column + column);
                    s2 = T.MultiplyAdd(v, w8, s2);
                    s3 = T.MultiplyAdd(v, w5, s3);

                    a += xRow;
                    low = T.Load(a);
                    high = T.Load(a + T.Count);
                    s3 = T.MultiplyAdd(low, w6, s3);
                    v = T.Between(low, high, next, a + column);
                    s3 = T.MultiplyAdd(v, w7, s3);
                    v = T.Between(low, high, nextButOne, a + column + column);
                    s3 = T.MultiplyAdd(v, w8, s3);
                }

                Ahead.Fetch<T>(ref nextSource);
                Ahead.Fetch<T>(ref nextTarget);
                float* end = to + at;
                (relu ? T.Relu(s0) : s0).Store(end);
                (relu ? T.Relu(s1) : s1).Store(end + yRow);
                (relu ? T.Relu(s2) : s2).Store(end + yRow + yRow);
                (relu ? T.Relu(s3) : s3).Store(end + yRow + yRow + yRow);
            }
        }
    }

    /// <summary>
    /// Windows of 3×3 within a border of one, over four target rows or more, rows of two vectors at most: the source is read where it lies,
    /// and the zeros beside it come from no memory. The vector at one end of every row, or at both. For AVX-512, which moves lanes
    /// from any place to any other, and reads and writes some of them.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public readonly void ThreeInPlace<TEnds>(float* x, nint xRow, float* zeros, float* y, nint yRow, int rows)
        where TEnds : struct, IEnds
    {
        int at = TEnds.HasLeft ? 0 : Columns - Lanes512.Count;
        bool relu = Relu;
        nint done = TEnds.HasLeft ? 0 : (nint)rows * Lanes512.Count;
        float* w = Weights, nextSource = NextSource + done, nextTarget = NextTarget + done;
        Lanes512 bias = Lanes512.Broadcast(Bias), zero = Lanes512.Zero, before = Lanes512.From(-1), behind = Lanes512.From(1), inside = Lanes512.First(Columns);
        Lanes512 w0 = Lanes512.Broadcast(w[0]), w1 = Lanes512.Broadcast(w[1]), w2 = Lanes512.Broadcast(w[2]);
        Lanes512 w3 = Lanes512.Broadcast(w[3]), w4 = Lanes512.Broadcast(w[4]), w5 = Lanes512.Broadcast(w[5]);
        Lanes512 w6 = Lanes512.Broadcast(w[6]), w7 = Lanes512.Broadcast(w[7]), w8 = Lanes512.Broadcast(w[8]);
        for (int row = 0; row < rows; row += Rows)
        {
            int top = Math.Min(row, rows - Rows);
            Lanes512 s0 = bias, s1 = bias, s2 = bias, s3 = bias;
            float* a = (top == 0 ? zeros : x + ((top - 1) * xRow)) + at;
            Lanes512 middle = TEnds.HasLeft && TEnds.HasRight ? Lanes512.Load(a, inside) : Lanes512.Load(a);
            Lanes512 left = TEnds.HasLeft ? Lanes512.Between(middle, zero, before, a) : Lanes512.Load(a - 1);
            Lanes512 right = TEnds.HasRight ? Lanes512.Between(middle, zero, behind, a) : Lanes512.Load(a + 1);
            s0 = Lanes512.MultiplyAdd(left, w0, s0);
            s0 = Lanes512.MultiplyAdd(middle, w1, s0);
            s0 = Lanes512.MultiplyAdd(right, w2, s0);

            a = x + (top * xRow) + at;
            middle = TEnds.HasLeft && TEnds.HasRight ? Lanes512.Load(a, inside) : Lanes512.Load(a);
            left = TEnds.HasLeft ? Lanes512.Between(middle, zero, before, a) : Lanes512.Load(a - 1);
            right = TEnds.HasRight ? Lanes512.Between(middle, zero, behind, a) : Lanes512.Load(a + 1);
            s0 = Lanes512.MultiplyAdd(left, w3, s0);
            s1 = Lanes512.MultiplyAdd(left, w0, s1);
            s0 = Lanes512.MultiplyAdd(middle, w4, s0);
            s1 = Lanes512.MultiplyAdd(middle, w1, s1);
            s0 = Lanes512.MultiplyAdd(right, w5, s0);
            s1 = Lanes512.MultiplyAdd(right, w2, s1);

            a += xRow;
            middle = TEnds.HasLeft && TEnds.HasRight ? Lanes512.Load(a, inside) : Lanes512.Load(a);
            left = TEnds.HasLeft ? Lanes512.Between(middle, zero, before, a) : Lanes512.Load(a - 1);
            right = TEnds.HasRight ? Lanes512.Between(middle, zero, behind, a) : Lanes512.Load(a + 1);
            s0 = Lanes512.MultiplyAdd(left, w6, s0);
            s1 = Lanes512.MultiplyAdd(left, w3, s1);
            s2 = Lanes512.MultiplyAdd(left, w0, s2);
            s0 = Lanes512.MultiplyAdd(middle, w7, s0);
            s1 = Lanes512.MultiplyAdd(middle, w4, s1);
            s2 = Lanes512.MultiplyAdd(middle, w1, s2);
            s0 = Lanes512.MultiplyAdd(right, w8, s0);
            s1 = Lanes512.MultiplyAdd(right, w5, s1);
            s2 = Lanes512.MultiplyAdd(right, w2, s2);

            a += xRow;
            middle = TEnds.HasLeft && TEnds.HasRight ? Lanes512.Load(a, inside) : Lanes512.Load(a);
            left = TEnds.HasLeft ? Lanes512.Between(middle, zero, before, a) : Lanes512.Load(a - 1);
            right = TEnds.HasRight ? Lanes512.Between(middle, zero, behind, a) : Lanes512.Load(a + 1);
            s1 = Lanes512.MultiplyAdd(left, w6, s1);
            s2 = Lanes512.MultiplyAdd(left, w3, s2);
            s3 = Lanes512.MultiplyAdd(left, w0, s3);
            s1 = Lanes512.MultiplyAdd(middle, w7, s1);
            s2 = Lanes512.MultiplyAdd(middle, w4, s2);
            s3 = Lanes512.MultiplyAdd(middle, w1, s3);
            s1 = Lanes512.MultiplyAdd(right, w8, s1);
            s2 = Lanes512.MultiplyAdd(right, w5, s2);
            s3 = Lanes512.MultiplyAdd(right, w2, s3);

            a += xRow;
            middle = TEnds.HasLeft && TEnds.HasRight ? Lanes512.Load(a, inside) : Lanes512.Load(a);
            left = TEnds.HasLeft ? Lanes512.Between(middle, zero, before, a) : Lanes512.Load(a - 1);
            right = TEnds.HasRight ? Lanes512.Between(middle, zero, behind, a) : Lanes512.Load(a + 1);
            s2 = Lanes512.MultiplyAdd(left, w6, s2);
            s3 = Lanes512.MultiplyAdd(left, w3, s3);
            s2 = Lanes512.MultiplyAdd(middle, w7, s2);
            s3 = Lanes512.MultiplyAdd(middle, w4, s3);
            s2 = Lanes512.MultiplyAdd(right, w8, s2);
            s3 = Lanes512.MultiplyAdd(right, w5, s3);

            a = top + Rows == rows ? zeros + at : a + xRow;
            middle = TEnds.HasLeft && TEnds.HasRight ? Lanes512.Load(a, inside) : Lanes512.Load(a);
            left = TEnds.HasLeft ? Lanes512.Between(middle, zero, before, a) : Lanes512.Load(a - 1);
            right = TEnds.HasRight ? Lanes512.Between(middle, zero, behind, a) : Lanes512.Load(a + 1);
            s3 = Lanes512.MultiplyAdd(left, w6, s3);
            s3 = Lanes512.MultiplyAdd(middle, w7, s3);
            s3 = Lanes512.MultiplyAdd(right, w8, s3);

            Ahead.Fetch<Lanes512>(ref nextSource);
            Ahead.Fetch<Lanes512>(ref nextTarget);
            float* to = y + (top * yRow) + at;
            if (relu)
            {
                s0 = Lanes512.Relu(s0);
                s1 = Lanes512.Relu(s1);
                s2 = Lanes512.Relu(s2);
                s3 = Lanes512.Relu(s3);
            }

            if (TEnds.HasLeft && TEnds.HasRight)
            {
                s0.Store(to, inside);
                s1.Store(to + yRow, inside);
                s2.Store(to + (2 * yRow), inside);
                s3.Store(to + (3 * yRow), inside);
            }
            else
            {
                s0.Store(to);
                s1.Store(to + yRow);
                s2.Store(to + (2 * yRow));
                s3.Store(to + (3 * yRow));
            }
        }
    }

    /// <summary>
    /// Windows of four rows or more, whose columns lie in two vectors, over four target rows or more, in tiles of two vectors of
    /// columns: a source row is loaded once for all rows of the tile that read it, from one at the tile's top to four in its middle.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public readonly void Tall<T>(float* x, nint xRow, float* y, nint yRow, int rows)
        where T : struct, ILanes<T>
    {
        nint taps = Window, column = Column, plane = SourceFloats, beyond = WindowRows * taps;
        int columns = Columns, sources = Sources;
        bool relu = Relu;
        float* lanes = Lanes, weights = Weights, nextSource = NextSource, nextTarget = NextTarget;
        T bias = T.Broadcast(Bias);
        for (int row = 0; row < rows; row += Rows)
        {
            int top = Math.Min(row, rows - Rows);
            for (int left = 0; left < columns; left += 2 * T.Count)
            {
                int at = Math.Max(0, Math.Min(left, columns - (2 * T.Count)));
                nint right = Math.Min(T.Count, columns - T.Count - at);
                T s0 = bias, s1 = bias, s2 = bias, s3 = bias, t0 = bias, t1 = bias, t2 = bias, t3 = bias;
                float* w = weights;
                float* from = x + (top * xRow) + at;
                for (int source = 0; source < sources; source++)
                {
                    float* a = from;
                    float* end = w + beyond;
                    One(a, right, column, lanes, w, taps, ref s0, ref t0);
                    w += taps;
                    a += xRow;
                    Two(a, right, column, lanes, w, taps, ref s0, ref t0, ref s1, ref t1);
                    w += taps;
                    a += xRow;
                    Three(a, right, column, lanes, w, taps, ref s0, ref t0, ref s1, ref t1, ref s2, ref t2);
                    for (w += taps; w < end; w += taps)
                    {
                        a += xRow;
                        Four(a, right, column, lanes, w, taps, ref s0, ref t0, ref s1, ref t1, ref s2, ref t2, ref s3, ref t3);
                    }

                    a += xRow;
                    Three(a, right, column, lanes, end - taps, taps, ref s1, ref t1, ref s2, ref t2, ref s3, ref t3);
                    a += xRow;
                    Two(a, right, column, lanes, end - taps, taps, ref s2, ref t2, ref s3, ref t3);
                    a += xRow;
                    One(a, right, column, lanes, end - taps, taps, ref s3, ref t3);
                    from += plane;
                }

                Ahead.Fetch<T>(ref nextSource);
                Ahead.Fetch<T>(ref nextSource);
                Ahead.Fetch<T>(ref nextTarget);
                Ahead.Fetch<T>(ref nextTarget);
                float* to = y + (top * yRow) + at;
                (relu ? T.Relu(s0) : s0).Store(to);
                (relu ? T.Relu(s1) : s1).Store(to + yRow);
                (relu ? T.Relu(s2) : s2).Store(to + (2 * yRow));
                (relu ? T.Relu(s3) : s3).Store(to + (3 * yRow));
                to += right;
                (relu ? T.Relu(t0) : t0).Store(to);
                (relu ? T.Relu(t1) : t1).Store(to + yRow);
                (relu ? T.Relu(t2) : t2).Store(to + (2 * yRow));
                (relu ? T.Relu(t3) : t3).Store(to + (3 * yRow));
            }
        }
    }

    /// <summary>Any window and any number of rows: four vectors at a time, below or beside each other.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public readonly void Any<T>(float* x, nint xRow, float* y, nint yRow, int rows)
        where T : struct, ILanes<T>
    {
        if (rows >= Rows)
        {
            for (int row = 0; row < rows; row += Rows)
            {
                int top = Math.Min(row, rows - Rows);
                for (int left = 0; left < Columns; left += T.Count)
                {
                    int at = Math.Min(left, Columns - T.Count);
                    ListOfFour<T>(x + (top * xRow) + at, xRow, y + (top * yRow) + at, yRow);
                }
            }

            return;
        }

        for (int row = 0; row < rows; row++)
        {
            int left = 0;
            for (; left + (4 * T.Count) <= Columns; left += 4 * T.Count)
            {
                ListOfFour<T>(x + (row * xRow) + left, T.Count, y + (row * yRow) + left, T.Count);
            }

            for (; left < Columns; left += T.Count)
            {
                int at = Math.Min(left, Columns - T.Count);
                ListOfOne<T>(x + (row * xRow) + at, y + (row * yRow) + at);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private readonly void ListOfFour<T>(float* x, nint xStep, float* y, nint yStep)
        where T : struct, ILanes<T>
    {
        T s0 = T.Broadcast(Bias);
        T s1 = s0, s2 = s0, s3 = s0;
        int* offsets = Offsets;
        int* last = offsets + Count;
        float* w = Weights;
        while (offsets < last)
        {
            float* a = x + *offsets++;
            T weight = T.Broadcast(*w);
            w++;
            s0 = T.MultiplyAdd(T.Load(a), weight, s0);
            s1 = T.MultiplyAdd(T.Load(a + xStep), weight, s1);
            a += 2 * xStep;
            s2 = T.MultiplyAdd(T.Load(a), weight, s2);
            s3 = T.MultiplyAdd(T.Load(a + xStep), weight, s3);
        }

        (Relu ? T.Relu(s0) : s0).Store(y);
        (Relu ? T.Relu(s1) : s1).Store(y + yStep);
        (Relu ? T.Relu(s2) : s2).Store(y + (2 * yStep));
        (Relu ? T.Relu(s3) : s3).Store(y + (3 * yStep));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private readonly void ListOfOne<T>(float* x, float* y)
        where T : struct, ILanes<T>
    {
        T sum = T.Broadcast(Bias);
        for (int i = 0; i < Count; i++)
        {
            sum = T.MultiplyAdd(T.Load(x + Offsets[i]), T.Broadcast(Weights[i]), sum);
        }

        (Relu ? T.Relu(sum) : sum).Store(y);
    }

    // A source row for one to four target rows: the first is at the window's row whose weights are given, the next at the one above.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void One<T>(float* a, nint right, nint column, float* lanes, float* w, nint taps, ref T s0, ref T t0)
        where T : struct, ILanes<T>
    {
        T low = T.Load(a), high = T.Load(a + T.Count), low2 = T.Load(a + right), high2 = T.Load(a + right + T.Count);
        for (nint i = 0; i < taps; i++)
        {
            T from = T.Load(lanes + (i * Blocks.Width));
            T v = T.Between(low, high, from, a);
            T v2 = T.Between(low2, high2, from, a + right);
            T weight = T.Broadcast(w[i]);
            s0 = T.MultiplyAdd(v, weight, s0);
            t0 = T.MultiplyAdd(v2, weight, t0);
            a += column;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Two<T>(float* a, nint right, nint column, float* lanes, float* w, nint taps, ref T s0, ref T t0, ref T s1, ref T t1)
        where T : struct, ILanes<T>
    {
        T low = T.Load(a), high = T.Load(a + T.Count), low2 = T.Load(a + right), high2 = T.Load(a + right + T.Count);
        float* w1 = w - taps;
        for (nint i = 0; i < taps; i++)
        {
            T from = T.Load(lanes + (i * Blocks.Width));
            T v = T.Between(low, high, from, a);
            T v2 = T.Between(low2, high2, from, a + right);
            T weight = T.Broadcast(w[i]);
            s0 = T.MultiplyAdd(v, weight, s0);
            t0 = T.MultiplyAdd(v2, weight, t0);
            weight = T.Broadcast(w1[i]);
            s1 = T.MultiplyAdd(v, weight, s1);
            t1 = T.MultiplyAdd(v2, weight, t1);
            a += column;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Three<T>(float* a, nint right, nint column, float* lanes, float* w, nint taps, ref T s0, ref T t0, ref T s1, ref T t1, ref T s2, ref T t2)
        where T : struct, ILanes<T>
    {
        T low = T.Load(a), high = T.Load(a + T.Count), low2 = T.Load(a + right), high2 = T.Load(a + right + T.Count);
        float* w1 = w - taps;
        float* w2 = w1 - taps;
        for (nint i = 0; i < taps; i++)
        {
            T from = T.Load(lanes + (i * Blocks.Width));
            T v = T.Between(low, high, from, a);
            T v2 = T.Between(low2, high2, from, a + right);
            T weight = T.Broadcast(w[i]);
            s0 = T.MultiplyAdd(v, weight, s0);
            t0 = T.MultiplyAdd(v2, weight, t0);
            weight = T.Broadcast(w1[i]);
            s1 = T.MultiplyAdd(v, weight, s1);
            t1 = T.MultiplyAdd(v2, weight, t1);
            weight = T.Broadcast(w2[i]);
            s2 = T.MultiplyAdd(v, weight, s2);
            t2 = T.MultiplyAdd(v2, weight, t2);
            a += column;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Four<T>(float* a, nint right, nint column, float* lanes, float* w, nint taps, ref T s0, ref T t0, ref T s1, ref T t1, ref T s2, ref T t2, ref T s3, ref T t3)
        where T : struct, ILanes<T>
    {
        T low = T.Load(a), high = T.Load(a + T.Count), low2 = T.Load(a + right), high2 = T.Load(a + right + T.Count);
        float* w1 = w - taps;
        float* w2 = w1 - taps;
        float* w3 = w2 - taps;
        for (nint i = 0; i < taps; i++)
        {
            T from = T.Load(lanes + (i * Blocks.Width));
            T v = T.Between(low, high, from, a);
            T v2 = T.Between(low2, high2, from, a + right);
            T weight = T.Broadcast(w[i]);
            s0 = T.MultiplyAdd(v, weight, s0);
            t0 = T.MultiplyAdd(v2, weight, t0);
            weight = T.Broadcast(w1[i]);
            s1 = T.MultiplyAdd(v, weight, s1);
            t1 = T.MultiplyAdd(v2, weight, t1);
            weight = T.Broadcast(w2[i]);
            s2 = T.MultiplyAdd(v, weight, s2);
            t2 = T.MultiplyAdd(v2, weight, t2);
            weight = T.Broadcast(w3[i]);
            s3 = T.MultiplyAdd(v, weight, s3);
            t3 = T.MultiplyAdd(v2, weight, t3);
            a += column;
        }
    }
}
