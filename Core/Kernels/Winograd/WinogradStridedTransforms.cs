using System.Runtime.CompilerServices;
using Fovea.Core.Shapes;

namespace Fovea.Core.Kernels;

/// <summary>
/// The two-dimensional transforms of Winograd's method with stride 2: for the sixteen channels of a block at once. A position's
/// vector lies at <c>at</c> of <see cref="WinogradStridedSet"/>, nine a row; <c>t</c> is room for vectors in between.
/// </summary>
internal static unsafe class WinogradStridedTransforms
{
    /// <summary>Floats of room that a transform needs.</summary>
    public const int Room = WinogradStridedSet.Axis * Down;

    private const int Points = WinogradStridedBasis.Points;

    // Positions of an axis, and floats between two rows of the room.
    private const int Axis = WinogradStridedSet.Axis;
    private const int Down = Axis * Blocks.Width;

    /// <summary>Bᵀ·d·B: down the columns for the points, then along the rows, those of the points and of the middle tap.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Input<T>(int rows, int columns, WinogradPhases down, WinogradPhases across, float* x, nint row, float* v, nint* at, float* t)
        where T : struct, ILanes<T>
    {
        int reach = across.Reach(columns) * Blocks.Width;
        int step = across.Step * Blocks.Width;
        for (int lane = 0; lane < Blocks.Width; lane += T.Count)
        {
            for (int j = 0; j < reach; j += Blocks.Width)
            {
                WinogradStridedBasis.Input(rows, x + j + lane, down.Step * row, out T v0, out T v1, out T v2, out T v3, out T v4);
                Spread(rows, v0, v1, v2, v3, v4, t + j, Down);
            }

            for (int i = 0; i <= rows; i++)
            {
                Along<T>(columns, step, across.Middle, t + (i * Down), v + lane, at + (i * Axis));
            }

            for (int i = 0; i < rows; i++)
            {
                Along<T>(columns, step, across.Middle, x + ((down.Middle + (i * down.Step)) * row) + lane, v + lane, at + ((Points + i) * Axis));
            }
        }
    }

    /// <summary>Aᵀ·m·A plus bias: a tile's outputs, near or <paramref name="far"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Output<T>(int rows, int columns, float* m, nint* at, float* bias, bool relu, bool far, float* y, nint row, float* t)
        where T : struct, ILanes<T>
    {
        nint* downs = stackalloc nint[Points];
        for (int i = 0; i < Points; i++)
        {
            downs[i] = i * Down;
        }

        for (int lane = 0; lane < Blocks.Width; lane += T.Count)
        {
            for (int i = 0; i <= rows; i++)
            {
                Sums<T>(columns, m + lane, at + (i * Axis), t + (i * Down));
            }

            for (int i = Points; i < Points + rows; i++)
            {
                Sums<T>(columns, m + lane, at + (i * Axis), t + (i * Down));
            }

            T b = bias == null ? T.Zero : T.Load(bias + lane);
            for (int j = 0; j < columns; j++)
            {
                float* column = t + (j * Blocks.Width);
                float* middle = column + (Points * Down);
                float* to = y + (j * Blocks.Width) + lane;
                WinogradStridedBasis.Output(rows, column, downs, out T y0, out T y1, out T y2, out T y3);
                Store(y0 + T.Load(middle) + b, relu, to, far);
                if (rows > 1)
                {
                    Store(y1 + T.Load(middle + Down) + b, relu, to + row, far);
                }

                if (rows > 2)
                {
                    Store(y2 + T.Load(middle + (2 * Down)) + b, relu, to + (2 * row), far);
                }

                if (rows > 3)
                {
                    Store(y3 + T.Load(middle + (3 * Down)) + b, relu, to + (3 * row), far);
                }
            }
        }
    }

    /// <summary>A·dy·Aᵀ of a tile's gradients: along the rows, then down the columns.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void OutputGradient<T>(int rows, int columns, float* dy, nint row, float* m, nint* at, float* t)
        where T : struct, ILanes<T>
    {
        for (int lane = 0; lane < Blocks.Width; lane += T.Count)
        {
            for (int j = 0; j < columns * Blocks.Width; j += Blocks.Width)
            {
                WinogradStridedBasis.OutputGradient(rows, dy + j + lane, row, out T m0, out T m1, out T m2, out T m3, out T m4);
                Spread(rows, m0, m1, m2, m3, m4, t + j, Down);
            }

            for (int i = 0; i <= rows; i++)
            {
                AlongGradient<T>(columns, t + (i * Down), m + lane, at + (i * Axis));
            }

            for (int i = 0; i < rows; i++)
            {
                AlongGradient<T>(columns, dy + (i * row) + lane, m + lane, at + ((Points + i) * Axis));
            }
        }
    }

    /// <summary>
    /// Aᵀ·m·A of each of the four phases of an input's gradients: the outer taps' and the middle one's take turns along both axes.
    /// </summary>
    /// <param name="rows">The tile's pairs of rows.</param>
    /// <param name="columns">Its pairs of columns.</param>
    /// <param name="outerRow">The place of the outer taps in a pair of rows: 0 or 1.</param>
    /// <param name="outerColumn">The same in a pair of columns.</param>
    /// <param name="height">Rows that there are: two a pair, or one less.</param>
    /// <param name="width">Columns that there are.</param>
    /// <param name="m">The products.</param>
    /// <param name="at">Their places.</param>
    /// <param name="far">Whether they are stored past the caches.</param>
    /// <param name="dx">Receives them.</param>
    /// <param name="row">Floats between its rows.</param>
    /// <param name="t">Room.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Phases<T>(int rows, int columns, int outerRow, int outerColumn, int height, int width, float* m, nint* at, bool far, float* dx, nint row, float* t)
        where T : struct, ILanes<T>
    {
        nint* downs = stackalloc nint[Points];
        for (int i = 0; i < Points; i++)
        {
            downs[i] = i * Down;
        }

        for (int lane = 0; lane < Blocks.Width; lane += T.Count)
        {
            float* from = m + lane;
            for (int i = 0; i <= rows; i++)
            {
                Pairs<T>(columns, outerColumn, 2 * columns, from, at + (i * Axis), false, t + (i * Down));
            }

            for (int i = 0; i < rows; i++)
            {
                int local = (2 * i) + 1 - outerRow;
                if (local < height)
                {
                    Pairs<T>(columns, outerColumn, width, from, at + ((Points + i) * Axis), far, dx + (local * row) + lane);
                }
            }

            float* first = dx + (outerRow * row) + lane;
            for (int j = 0; j < width * Blocks.Width; j += Blocks.Width)
            {
                WinogradStridedBasis.Output(rows, t + j, downs, out T y0, out T y1, out T y2, out T y3);
                Place(rows, outerRow, height, y0, y1, y2, y3, first + j, row, far);
            }
        }
    }

    /// <summary>G·g·Gᵀ of 3×3 weights, each a vector of filters, one after the other: 6×6 results, a stride apart.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Weights<T>(float* g, float* u, nint stride, float* t)
        where T : struct, ILanes<T>
    {
        for (int lane = 0; lane < Blocks.Width; lane += T.Count)
        {
            for (int j = 0; j < 3; j++)
            {
                WinogradStridedBasis.Weights<T>(g + (j * Blocks.Width) + lane, 3 * Blocks.Width, t + (j * Blocks.Width), Down);
            }

            for (int i = 0; i < WinogradStridedSet.GroupAxis; i++)
            {
                WinogradStridedBasis.Weights<T>(t + (i * Down), Blocks.Width, u + (i * WinogradStridedSet.GroupAxis * stride) + lane, stride);
            }
        }
    }

    /// <summary>Gᵀ·du·G: gradients of 3×3 weights, <paramref name="step"/> floats apart.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void WeightsGradient<T>(float* du, nint stride, float* dg, nint step, float* t)
        where T : struct, ILanes<T>
    {
        for (int lane = 0; lane < Blocks.Width; lane += T.Count)
        {
            for (int j = 0; j < WinogradStridedSet.GroupAxis; j++)
            {
                WinogradStridedBasis.WeightsGradient<T>(du + (j * stride) + lane, WinogradStridedSet.GroupAxis * stride, t + (j * Blocks.Width), Down);
            }

            for (int i = 0; i < 3; i++)
            {
                WinogradStridedBasis.WeightsGradient<T>(t + (i * Down), Blocks.Width, dg + (i * 3 * step) + lane, step);
            }
        }
    }

    // A row of inputs to its positions.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Along<T>(int columns, int step, int middle, float* x, float* v, nint* at)
        where T : struct, ILanes<T>
    {
        WinogradStridedBasis.Input(columns, x, step, out T v0, out T v1, out T v2, out T v3, out T v4);
        Scatter(columns, v0, v1, v2, v3, v4, v, at);
        float* between = x + (middle * Blocks.Width);
        for (int j = 0; j < columns; j++)
        {
            T.Load(between + (j * step)).Store(v + at[Points + j]);
        }
    }

    // A row of gradients to its positions.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void AlongGradient<T>(int columns, float* dy, float* m, nint* at)
        where T : struct, ILanes<T>
    {
        WinogradStridedBasis.OutputGradient(columns, dy, Blocks.Width, out T m0, out T m1, out T m2, out T m3, out T m4);
        Scatter(columns, m0, m1, m2, m3, m4, m, at);
        for (int j = 0; j < columns; j++)
        {
            T.Load(dy + (j * Blocks.Width)).Store(m + at[Points + j]);
        }
    }

    // A row of positions to the sums of both phases.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Sums<T>(int columns, float* m, nint* at, float* to)
        where T : struct, ILanes<T>
    {
        WinogradStridedBasis.Output(columns, m, at, out T y0, out T y1, out T y2, out T y3);
        (y0 + T.Load(m + at[Points])).Store(to);
        if (columns > 1)
        {
            (y1 + T.Load(m + at[Points + 1])).Store(to + Blocks.Width);
        }

        if (columns > 2)
        {
            (y2 + T.Load(m + at[Points + 2])).Store(to + (2 * Blocks.Width));
        }

        if (columns > 3)
        {
            (y3 + T.Load(m + at[Points + 3])).Store(to + (3 * Blocks.Width));
        }
    }

    // A row of positions to the outputs of both phases, which take turns.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Pairs<T>(int columns, int outer, int width, float* m, nint* at, bool far, float* to)
        where T : struct, ILanes<T>
    {
        WinogradStridedBasis.Output(columns, m, at, out T y0, out T y1, out T y2, out T y3);
        Place(columns, outer, width, y0, y1, y2, y3, to + (outer * Blocks.Width), Blocks.Width, far);
        for (int j = 0, local = 1 - outer; j < columns && local < width; j++, local += 2)
        {
            WinogradTransforms.Store(T.Load(m + at[Points + j]), to + (local * Blocks.Width), far);
        }
    }

    // Every other one of a tile's outputs along an axis, as far as there are any.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Place<T>(int side, int first, int end, T y0, T y1, T y2, T y3, float* to, nint step, bool far)
        where T : struct, ILanes<T>
    {
        if (first < end)
        {
            WinogradTransforms.Store(y0, to, far);
        }

        if (side > 1 && first + 2 < end)
        {
            WinogradTransforms.Store(y1, to + (2 * step), far);
        }

        if (side > 2 && first + 4 < end)
        {
            WinogradTransforms.Store(y2, to + (4 * step), far);
        }

        if (side > 3 && first + 6 < end)
        {
            WinogradTransforms.Store(y3, to + (6 * step), far);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Spread<T>(int side, T v0, T v1, T v2, T v3, T v4, float* to, nint step)
        where T : struct, ILanes<T>
    {
        v0.Store(to);
        v1.Store(to + step);
        if (side > 1)
        {
            v2.Store(to + (2 * step));
        }

        if (side > 2)
        {
            v3.Store(to + (3 * step));
        }

        if (side > 3)
        {
            v4.Store(to + (4 * step));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Scatter<T>(int side, T v0, T v1, T v2, T v3, T v4, float* to, nint* at)
        where T : struct, ILanes<T>
    {
        v0.Store(to + at[0]);
        v1.Store(to + at[1]);
        if (side > 1)
        {
            v2.Store(to + at[2]);
        }

        if (side > 2)
        {
            v3.Store(to + at[3]);
        }

        if (side > 3)
        {
            v4.Store(to + at[4]);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store<T>(T value, bool relu, float* to, bool far)
        where T : struct, ILanes<T> => WinogradTransforms.Store(relu ? T.Relu(value) : value, to, far);
}
