using System.Runtime.CompilerServices;
using Fovea.Core.Shapes;

namespace Fovea.Core.Kernels;

/// <summary>
/// Products of Winograd's method along rows for windows of three columns and stride 1, whose six positions stay in registers until they are
/// transformed back: two vectors by two scalars. Sums of a few taps would take as long to be stored and read again.
/// </summary>
internal static unsafe class RowThree
{
    /// <summary>Plain targets: two vectors of tiles by the filters of a group, two at a time.</summary>
    /// <param name="taps">What every position's product reads.</param>
    /// <param name="count">The number of taps.</param>
    /// <param name="v">The panel.</param>
    /// <param name="slot">Floats between positions.</param>
    /// <param name="w">The group's weights: [position][tap][filters].</param>
    /// <param name="group">Filters that the weights lie side by side for.</param>
    /// <param name="filters">Filters that there are.</param>
    /// <param name="first">The number of the first.</param>
    /// <param name="bias">The first one's bias.</param>
    /// <param name="target">Where they go.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Plain<T>(Tap* taps, int count, float* v, nint slot, float* w, int group, int filters, int first, float* bias, in RowTarget target)
        where T : struct, ILanes<T>
    {
        for (int filter = 0; filter < filters; filter += 2)
        {
            Multiply(false, taps, count, v, slot, w + filter, count * group, group, out Sums<T> s0, out Sums<T> s1, out Sums<T> s2, out Sums<T> s3);

            // No call before the last sum is stored, which would drive them out of their registers.
            float* to = target.Begin(first + filter, 0);
            target.Store(s0, T.Broadcast(bias[filter]), ref to);
            target.Store(s1, T.Broadcast(bias[filter]), ref to);
            if (filter + 1 < filters)
            {
                to = target.Begin(first + filter + 1, 1);
                target.Store(s2, T.Broadcast(bias[filter + 1]), ref to);
                target.Store(s3, T.Broadcast(bias[filter + 1]), ref to);
            }

            target.End(first + filter, Math.Min(2, filters - filter));
        }
    }

    /// <summary>Blocked targets: two blocks of filters by the tiles of a run in one row, two at a time.</summary>
    /// <param name="taps">What every position's product reads.</param>
    /// <param name="count">The number of taps.</param>
    /// <param name="v">The run.</param>
    /// <param name="slot">Floats between positions.</param>
    /// <param name="w">The blocks' weights: [position][tap][filters].</param>
    /// <param name="pixels">Pixels of the run: the last tile need not be whole.</param>
    /// <param name="bias">The blocks' biases.</param>
    /// <param name="relu">Whether max(0, ·) follows.</param>
    /// <param name="far">Whether targets go past the caches.</param>
    /// <param name="y">The run in the first block.</param>
    /// <param name="plane">Floats between blocks.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Blocked<T>(Tap* taps, int count, float* v, nint slot, float* w, int pixels, float* bias, bool relu, bool far, float* y, nint plane)
        where T : struct, ILanes<T>
    {
        int group = 2 * Blocks.Width;
        for (int pixel = 0; pixel < pixels; pixel += 2 * RowBasis.Side)
        {
            Multiply(true, taps, count, w, count * group, v, slot, group, out Sums<T> s0, out Sums<T> s1, out Sums<T> s2, out Sums<T> s3);
            T add = T.Load(bias);
            Four(s0, add, relu, far, y, pixels - pixel);
            Four(s2, add, relu, far, y + (RowBasis.Side * Blocks.Width), pixels - pixel - RowBasis.Side);
            add = T.Load(bias + Blocks.Width);
            Four(s1, add, relu, far, y + plane, pixels - pixel);
            Four(s3, add, relu, far, y + plane + (RowBasis.Side * Blocks.Width), pixels - pixel - RowBasis.Side);
            y += 2 * RowBasis.Side * Blocks.Width;
            v += 2;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Four<T>(in Sums<T> s, T bias, bool relu, bool far, float* y, int pixels)
        where T : struct, ILanes<T>
    {
        RowBasis.Output(s.Zero, s.Infinity, s.Plus, s.Minus, s.Twice, s.MinusTwice, bias, out T y0, out T y1, out T y2, out T y3);
        RowTarget.Block(y0, y1, y2, y3, relu, far, y, pixels);
    }

    // The list of taps says where the vectors are, or the scalars where it is turned; the others are a group's weights, tap by tap.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Multiply<T>(bool turned, Tap* taps, int count, float* x, nint vectors, float* w, nint scalars, int group, out Sums<T> first0, out Sums<T> first1, out Sums<T> second0, out Sums<T> second1)
        where T : struct, ILanes<T>
    {
        T s000 = T.Zero;
        T s001 = T.Zero;
        T s010 = T.Zero;
        T s011 = T.Zero;
        T s020 = T.Zero;
        T s021 = T.Zero;
        T s030 = T.Zero;
        T s031 = T.Zero;
        T s040 = T.Zero;
        T s041 = T.Zero;
        T s050 = T.Zero;
        T s051 = T.Zero;
        T s100 = T.Zero;
        T s101 = T.Zero;
        T s110 = T.Zero;
        T s111 = T.Zero;
        T s120 = T.Zero;
        T s121 = T.Zero;
        T s130 = T.Zero;
        T s131 = T.Zero;
        T s140 = T.Zero;
        T s141 = T.Zero;
        T s150 = T.Zero;
        T s151 = T.Zero;
        Tap* end = taps + count;
        for (; taps < end; taps++)
        {
            T left, right, scalar;
            float* a = turned ? x : x + taps->Offset;
            float* b = turned ? w + taps->Offset : w;
            left = T.Load(a);
            right = T.Load(a + T.Count);
            scalar = T.Broadcast(*(b));
            s000 = T.MultiplyAdd(scalar, left, s000);
            s001 = T.MultiplyAdd(scalar, right, s001);
            scalar = T.Broadcast((b)[1]);
            s100 = T.MultiplyAdd(scalar, left, s100);
            s101 = T.MultiplyAdd(scalar, right, s101);
            left = T.Load(a + vectors);
            right = T.Load(a + vectors + T.Count);
            scalar = T.Broadcast(*(b + scalars));
            s010 = T.MultiplyAdd(scalar, left, s010);
            s011 = T.MultiplyAdd(scalar, right, s011);
            scalar = T.Broadcast((b + scalars)[1]);
            s110 = T.MultiplyAdd(scalar, left, s110);
            s111 = T.MultiplyAdd(scalar, right, s111);
            left = T.Load(a + (2 * vectors));
            right = T.Load(a + (2 * vectors) + T.Count);
            scalar = T.Broadcast(*(b + (2 * scalars)));
            s020 = T.MultiplyAdd(scalar, left, s020);
            s021 = T.MultiplyAdd(scalar, right, s021);
            scalar = T.Broadcast((b + (2 * scalars))[1]);
            s120 = T.MultiplyAdd(scalar, left, s120);
            s121 = T.MultiplyAdd(scalar, right, s121);
            left = T.Load(a + (3 * vectors));
            right = T.Load(a + (3 * vectors) + T.Count);
            scalar = T.Broadcast(*(b + (3 * scalars)));
            s030 = T.MultiplyAdd(scalar, left, s030);
            s031 = T.MultiplyAdd(scalar, right, s031);
            scalar = T.Broadcast((b + (3 * scalars))[1]);
            s130 = T.MultiplyAdd(scalar, left, s130);
            s131 = T.MultiplyAdd(scalar, right, s131);
            left = T.Load(a + (4 * vectors));
            right = T.Load(a + (4 * vectors) + T.Count);
            scalar = T.Broadcast(*(b + (4 * scalars)));
            s040 = T.MultiplyAdd(scalar, left, s040);
            s041 = T.MultiplyAdd(scalar, right, s041);
            scalar = T.Broadcast((b + (4 * scalars))[1]);
            s140 = T.MultiplyAdd(scalar, left, s140);
            s141 = T.MultiplyAdd(scalar, right, s141);
            left = T.Load(a + (5 * vectors));
            right = T.Load(a + (5 * vectors) + T.Count);
            scalar = T.Broadcast(*(b + (5 * scalars)));
            s050 = T.MultiplyAdd(scalar, left, s050);
            s051 = T.MultiplyAdd(scalar, right, s051);
            scalar = T.Broadcast((b + (5 * scalars))[1]);
            s150 = T.MultiplyAdd(scalar, left, s150);
            s151 = T.MultiplyAdd(scalar, right, s151);
            if (turned)
            {
                x += group;
            }
            else
            {
                w += group;
            }
        }

        first0 = new(s000, s010, s020, s030, s040, s050);
        first1 = new(s001, s011, s021, s031, s041, s051);
        second0 = new(s100, s110, s120, s130, s140, s150);
        second1 = new(s101, s111, s121, s131, s141, s151);
    }
}

/// <summary>The sums of six positions.</summary>
internal readonly record struct Sums<T>(T Zero, T Infinity, T Plus, T Minus, T Twice, T MinusTwice)
    where T : struct, ILanes<T>;
