using System.Runtime.CompilerServices;

namespace Fovea.Core.Kernels;

/// <summary>
/// The one-dimensional transforms of Winograd's method, y = Aᵀ[(G·g) ⊙ (Bᵀ·d)]: so many outputs of a filter from as many
/// products as it reads inputs, by interpolation at 0, 1, −1, ∞, 2, −2, in this order. Fewer outputs leave points out, the last
/// first; the weights' transform is the same for all of them. From Lavin and Gray, "Fast Algorithms for Convolutional
/// Neural Networks" (2016), and Toom and Cook's construction for the smaller ones.
/// </summary>
/// <remarks>
/// Vectors are read and written a step apart. With points p of the product M(x) = Π(x − p), the inputs' row of a point is M(x) / (x − p), divided by
/// its value there; the constants of the six-point filter, which stand in the weights' transform, are taken out of it.
/// </remarks>
internal static unsafe class WinogradBasis
{
    /// <summary>Bᵀ·d: three to six inputs to as many positions.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Input<T>(int positions, float* d, nint step, float* v, nint stride)
        where T : struct, ILanes<T>
    {
        T d0 = T.Load(d);
        T d1 = T.Load(d + step);
        T d2 = T.Load(d + (2 * step));
        T four = T.Broadcast(4);
        if (positions == 6)
        {
            T d3 = T.Load(d + (3 * step));
            T d4 = T.Load(d + (4 * step));
            T d5 = T.Load(d + (5 * step));
            T minusFour = T.Broadcast(-4);
            T minusFive = T.Broadcast(-5);
            T.MultiplyAdd(minusFive, d2, T.MultiplyAdd(four, d0, d4)).Store(v);
            T even = T.MultiplyAdd(minusFour, d2, d4);
            T odd = T.MultiplyAdd(minusFour, d1, d3);
            (even + odd).Store(v + stride);
            (even - odd).Store(v + (2 * stride));
            T.MultiplyAdd(minusFive, d3, T.MultiplyAdd(four, d1, d5)).Store(v + (3 * stride));
            even = d4 - d2;
            odd = T.Broadcast(2) * (d3 - d1);
            (even + odd).Store(v + (4 * stride));
            (even - odd).Store(v + (5 * stride));
        }
        else if (positions == 5)
        {
            T d3 = T.Load(d + (3 * step));
            T d4 = T.Load(d + (4 * step));
            T two = T.Broadcast(2);
            T three = T.Broadcast(3);
            T outer = d3 - d1;
            T.MultiplyAdd(four, d0 - d2, two * outer).Store(v);
            T inner = three * (d3 - d2);
            T.MultiplyAdd(T.Broadcast(-6), d1, inner).Store(v + stride);
            T.MultiplyAdd(two, d1, T.MultiplyAdd(T.Broadcast(-3), d2, d3)).Store(v + (2 * stride));
            T.MultiplyAdd(T.Broadcast(-2), outer, d4 - d2).Store(v + (3 * stride));
            (four * outer).Store(v + (4 * stride));
        }
        else
        {
            T three = T.Broadcast(3);
            (four * (d0 - d2)).Store(v);
            (T.Broadcast(-3) * (d1 + d2)).Store(v + stride);
            (three * (d1 - d2)).Store(v + (2 * stride));
            if (positions == 4)
            {
                (T.Load(d + (3 * step)) - d1).Store(v + (3 * stride));
            }
        }
    }

    /// <summary>Aᵀ·m: up to four outputs; those past <paramref name="side"/> mean nothing.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Output<T>(int positions, int side, float* m, nint step, out T y0, out T y1, out T y2, out T y3)
        where T : struct, ILanes<T>
    {
        T m1 = T.Load(m + step);
        T m2 = T.Load(m + (2 * step));
        T even = m1 + m2;
        T odd = m1 - m2;
        y0 = T.Load(m) + even;
        y1 = odd;
        y2 = even;
        y3 = odd;
        if (positions > 4)
        {
            even = odd = T.Load(m + (4 * step));
            if (positions > 5)
            {
                T m5 = T.Load(m + (5 * step));
                even += m5;
                odd -= m5;
            }

            y0 += even;
            y1 = T.MultiplyAdd(T.Broadcast(2), odd, y1);
            y2 = T.MultiplyAdd(T.Broadcast(4), even, y2);
            y3 = T.MultiplyAdd(T.Broadcast(8), odd, y3);
        }

        if (positions > 3)
        {
            T last = T.Load(m + (3 * step));
            switch (side)
            {
                case 4: y3 += last; break;
                case 3: y2 += last; break;
                case 2: y1 += last; break;
                default: y0 += last; break;
            }
        }
    }

    /// <summary>A·dy: the output's transform the other way.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void OutputGradient<T>(int positions, int side, float* dy, nint step, float* m, nint stride)
        where T : struct, ILanes<T>
    {
        T y0 = T.Load(dy);
        T y1 = side > 1 ? T.Load(dy + step) : T.Zero;
        T y2 = side > 2 ? T.Load(dy + (2 * step)) : T.Zero;
        T y3 = side > 3 ? T.Load(dy + (3 * step)) : T.Zero;
        T even = y0 + y2;
        T odd = y1 + y3;
        y0.Store(m);
        (even + odd).Store(m + stride);
        (even - odd).Store(m + (2 * stride));
        if (positions > 3)
        {
            T.Load(dy + ((side - 1) * step)).Store(m + (3 * stride));
        }

        if (positions > 4)
        {
            even = T.MultiplyAdd(T.Broadcast(4), y2, y0);
            odd = T.MultiplyAdd(T.Broadcast(8), y3, y1 + y1);
            (even + odd).Store(m + (4 * stride));
            if (positions > 5)
            {
                (even - odd).Store(m + (5 * stride));
            }
        }
    }

    /// <summary>G·g: three or five weights to six positions.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Weights<T>(int taps, float* g, nint step, float* u, nint stride)
        where T : struct, ILanes<T>
    {
        T g0 = T.Load(g);
        T g1 = T.Load(g + step);
        T g2 = T.Load(g + (2 * step));
        T g3 = T.Zero;
        T g4 = T.Zero;
        if (taps == 5)
        {
            g3 = T.Load(g + (3 * step));
            g4 = T.Load(g + (4 * step));
        }

        T sixth = T.Broadcast(-1f / 6);
        T even = g0 + g2;
        T odd = g1;
        T farEven = T.MultiplyAdd(T.Broadcast(1f / 24), g0, T.Broadcast(1f / 6) * g2);
        T farOdd = T.Broadcast(1f / 12) * g1;
        if (taps == 5)
        {
            even += g4;
            odd += g3;
            farEven = T.MultiplyAdd(T.Broadcast(2f / 3), g4, farEven);
            farOdd = T.MultiplyAdd(T.Broadcast(1f / 3), g3, farOdd);
        }

        (T.Broadcast(0.25f) * g0).Store(u);
        (sixth * (even + odd)).Store(u + stride);
        (sixth * (even - odd)).Store(u + (2 * stride));
        (taps == 5 ? g4 : g2).Store(u + (3 * stride));
        (farEven + farOdd).Store(u + (4 * stride));
        (farEven - farOdd).Store(u + (5 * stride));
    }

    /// <summary>Gᵀ·du: the weights' transform the other way.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void WeightsGradient<T>(int taps, float* du, nint step, float* dg, nint stride)
        where T : struct, ILanes<T>
    {
        T u1 = T.Load(du + step);
        T u2 = T.Load(du + (2 * step));
        T last = T.Load(du + (3 * step));
        T u4 = T.Load(du + (4 * step));
        T u5 = T.Load(du + (5 * step));
        T sixth = T.Broadcast(-1f / 6);
        T near = sixth * (u1 + u2);
        T nearOdd = sixth * (u1 - u2);
        T far = u4 + u5;
        T farOdd = u4 - u5;
        T.MultiplyAdd(T.Broadcast(0.25f), T.Load(du), T.MultiplyAdd(T.Broadcast(1f / 24), far, near)).Store(dg);
        T.MultiplyAdd(T.Broadcast(1f / 12), farOdd, nearOdd).Store(dg + stride);
        T g2 = T.MultiplyAdd(T.Broadcast(1f / 6), far, near);
        if (taps == 3)
        {
            (g2 + last).Store(dg + (2 * stride));
            return;
        }

        g2.Store(dg + (2 * stride));
        T.MultiplyAdd(T.Broadcast(1f / 3), farOdd, nearOdd).Store(dg + (3 * stride));
        (T.MultiplyAdd(T.Broadcast(2f / 3), far, near) + last).Store(dg + (4 * stride));
    }
}
