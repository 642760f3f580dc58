using System.Runtime.CompilerServices;

namespace Fovea.Core.Kernels;

/// <summary>
/// The one-dimensional transforms of Winograd's method for three taps of stride 2. Of the inputs, every other one meets the
/// outer taps, a filter of two with stride 1: F(m, 2) needs m + 1 products for m outputs, by interpolation at 0, ∞, 1, −1, 2, in
/// this order. The inputs in between meet the middle tap alone: m products. Fewer outputs leave points out, the last first; the
/// weights' transform is the same for all of them.
/// </summary>
/// <remarks>
/// A stride taken apart in this way: Huang and others, "DWM: A Decomposable Winograd Method for Convolution Acceleration"
/// (2020). The transforms are Toom and Cook's construction, as in <see cref="WinogradBasis"/>.
/// </remarks>
internal static unsafe class WinogradStridedBasis
{
    /// <summary>Points of the outer taps, of which m outputs take the first m + 1.</summary>
    public const int Points = 5;

    /// <summary>Bᵀ·d: m + 1 inputs, a step apart, to as many points; those past <paramref name="side"/> = m mean nothing.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Input<T>(int side, float* d, nint step, out T v0, out T v1, out T v2, out T v3, out T v4)
        where T : struct, ILanes<T>
    {
        T d0 = T.Load(d);
        T d1 = T.Load(d + step);
        T two = T.Broadcast(2);
        if (side == 1)
        {
            v0 = d0 + d0;
            v1 = v2 = v3 = v4 = d1;
            return;
        }

        T d2 = T.Load(d + (2 * step));
        if (side == 2)
        {
            v0 = two * (d0 - d1);
            v1 = d2 - d1;
            v2 = v3 = v4 = T.Broadcast(-2) * d1;
            return;
        }

        T d3 = T.Load(d + (3 * step));
        T outer = d3 - d1;
        if (side == 3)
        {
            v0 = two * (d0 - d2);
            v1 = v4 = outer;
            v2 = T.Zero - (d1 + d2);
            v3 = T.Broadcast(3) * (d1 - d2);
            return;
        }

        v0 = T.MultiplyAdd(two, d0 - d2, outer);
        v1 = T.MultiplyAdd(T.Broadcast(-2), outer, T.Load(d + (4 * step)) - d2);
        v2 = outer - (d1 + d2);
        v3 = T.MultiplyAdd(T.Broadcast(3), d1 - d2, outer);
        v4 = outer;
    }

    /// <summary>Aᵀ·m of points so many floats from <paramref name="m"/>: up to four outputs; those past <paramref name="side"/> mean nothing.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Output<T>(int side, float* m, nint* at, out T y0, out T y1, out T y2, out T y3)
        where T : struct, ILanes<T>
    {
        T last = T.Load(m + at[1]);
        y0 = T.Load(m + at[0]);
        if (side == 1)
        {
            y0 += last;
            y1 = y2 = y3 = y0;
            return;
        }

        T even = T.Load(m + at[2]);
        T odd = even;
        if (side > 2)
        {
            T m3 = T.Load(m + at[3]);
            even += m3;
            odd -= m3;
        }

        y0 += even;
        y1 = odd;
        y2 = even;
        y3 = odd;
        if (side == 4)
        {
            T m4 = T.Load(m + at[4]);
            y0 += m4;
            y1 = T.MultiplyAdd(T.Broadcast(2), m4, y1);
            y2 = T.MultiplyAdd(T.Broadcast(4), m4, y2);
            y3 = T.MultiplyAdd(T.Broadcast(8), m4, y3) + last;
        }
        else if (side == 3)
        {
            y2 += last;
        }
        else
        {
            y1 += last;
        }
    }

    /// <summary>A·dy: the output's transform the other way; points past <paramref name="side"/> mean nothing.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void OutputGradient<T>(int side, float* dy, nint step, out T m0, out T m1, out T m2, out T m3, out T m4)
        where T : struct, ILanes<T>
    {
        T y1 = side > 1 ? T.Load(dy + step) : T.Zero;
        T y2 = side > 2 ? T.Load(dy + (2 * step)) : T.Zero;
        T y3 = side > 3 ? T.Load(dy + (3 * step)) : T.Zero;
        m0 = T.Load(dy);
        m1 = T.Load(dy + ((side - 1) * step));
        T even = m0 + y2;
        T odd = y1 + y3;
        m2 = even + odd;
        m3 = even - odd;
        m4 = T.MultiplyAdd(T.Broadcast(8), y3, T.MultiplyAdd(T.Broadcast(4), y2, T.MultiplyAdd(T.Broadcast(2), y1, m0)));
    }

    /// <summary>G·g: three weights to five points and the middle tap.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Weights<T>(float* g, nint step, float* u, nint stride)
        where T : struct, ILanes<T>
    {
        T g0 = T.Load(g);
        T g2 = T.Load(g + (2 * step));
        T sixth = T.Broadcast(1f / 6);
        (T.Broadcast(0.5f) * g0).Store(u);
        g2.Store(u + stride);
        (T.Broadcast(-0.5f) * (g0 + g2)).Store(u + (2 * stride));
        (sixth * (g2 - g0)).Store(u + (3 * stride));
        (sixth * (g0 + g2 + g2)).Store(u + (4 * stride));
        T.Load(g + step).Store(u + (5 * stride));
    }

    /// <summary>Gᵀ·du: the weights' transform the other way.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void WeightsGradient<T>(float* du, nint step, float* dg, nint stride)
        where T : struct, ILanes<T>
    {
        T half = T.Broadcast(-0.5f);
        T near = half * T.Load(du + (2 * step));
        T sixth = T.Broadcast(1f / 6);
        T u3 = T.Load(du + (3 * step));
        T u4 = T.Load(du + (4 * step));
        T.MultiplyAdd(sixth, u4 - u3, T.MultiplyAdd(T.Broadcast(0.5f), T.Load(du), near)).Store(dg);
        T.Load(du + (5 * step)).Store(dg + stride);
        (T.MultiplyAdd(sixth, u3 + u4 + u4, near) + T.Load(du + step)).Store(dg + (2 * stride));
    }
}
