using System.Runtime.CompilerServices;

namespace Fovea.Core.Kernels;

/// <summary>
/// The one-dimensional transforms of F(4, 3) and F(2, 5): four outputs of a three-tap filter, or two of a five-tap one, from
/// six products, by interpolation at 0, 1, −1, 2, −2 and ∞. y = Aᵀ[(G·g) ⊙ (Bᵀ·d)], where Bᵀ is the same for both; from Lavin and
/// Gray, "Fast Algorithms for Convolutional Neural Networks" (2016).
/// </summary>
internal static class WinogradBasis
{
    /// <summary>Bᵀ·d: six inputs.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Input<T>(T d0, T d1, T d2, T d3, T d4, T d5, out T v0, out T v1, out T v2, out T v3, out T v4, out T v5)
        where T : struct, ILanes<T>
    {
        T two = T.Broadcast(2);
        T four = T.Broadcast(4);
        T minusFour = T.Broadcast(-4);
        T minusFive = T.Broadcast(-5);
        v0 = T.MultiplyAdd(minusFive, d2, T.MultiplyAdd(four, d0, d4));
        T even = T.MultiplyAdd(minusFour, d2, d4);
        T odd = T.MultiplyAdd(minusFour, d1, d3);
        v1 = even + odd;
        v2 = even - odd;
        even = d4 - d2;
        odd = two * (d3 - d1);
        v3 = even + odd;
        v4 = even - odd;
        v5 = T.MultiplyAdd(minusFive, d3, T.MultiplyAdd(four, d1, d5));
    }

    /// <summary>Aᵀ·m: four outputs.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Output<T>(T m0, T m1, T m2, T m3, T m4, T m5, out T y0, out T y1, out T y2, out T y3)
        where T : struct, ILanes<T>
    {
        T a = m1 + m2;
        T b = m1 - m2;
        T c = m3 + m4;
        T d = m3 - m4;
        y0 = m0 + a + c;
        y1 = T.MultiplyAdd(T.Broadcast(2), d, b);
        y2 = T.MultiplyAdd(T.Broadcast(4), c, a);
        y3 = T.MultiplyAdd(T.Broadcast(8), d, b) + m5;
    }

    /// <summary>A·dy: the output's transform the other way.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void OutputGradient<T>(T y0, T y1, T y2, T y3, out T m0, out T m1, out T m2, out T m3, out T m4, out T m5)
        where T : struct, ILanes<T>
    {
        T even = y0 + y2;
        T odd = y1 + y3;
        m0 = y0;
        m1 = even + odd;
        m2 = even - odd;
        even = T.MultiplyAdd(T.Broadcast(4), y2, y0);
        odd = T.MultiplyAdd(T.Broadcast(8), y3, y1 + y1);
        m3 = even + odd;
        m4 = even - odd;
        m5 = y3;
    }

    /// <summary>G·g: three weights.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Weights<T>(T g0, T g1, T g2, out T u0, out T u1, out T u2, out T u3, out T u4, out T u5)
        where T : struct, ILanes<T>
    {
        T sixth = T.Broadcast(1f / 6);
        T even = sixth * (g0 + g2);
        T odd = sixth * g1;
        u0 = T.Broadcast(0.25f) * g0;
        u1 = T.Zero - (even + odd);
        u2 = odd - even;
        even = T.MultiplyAdd(T.Broadcast(1f / 24), g0, sixth * g2);
        odd = T.Broadcast(1f / 12) * g1;
        u3 = even + odd;
        u4 = even - odd;
        u5 = g2;
    }

    /// <summary>Gᵀ·du: the weights' transform the other way.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void WeightsGradient<T>(T u0, T u1, T u2, T u3, T u4, T u5, out T g0, out T g1, out T g2)
        where T : struct, ILanes<T>
    {
        T sixth = T.Broadcast(1f / 6);
        T near = u1 + u2;
        T far = u3 + u4;
        g0 = T.MultiplyAdd(T.Broadcast(0.25f), u0, T.MultiplyAdd(T.Broadcast(1f / 24), far, T.Zero - (sixth * near)));
        g1 = T.MultiplyAdd(T.Broadcast(1f / 12), u3 - u4, sixth * (u2 - u1));
        g2 = T.MultiplyAdd(sixth, far - near, u5);
    }

    /// <summary>Aᵀ·m of F(2, 5): two outputs.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Output<T>(T m0, T m1, T m2, T m3, T m4, T m5, out T y0, out T y1)
        where T : struct, ILanes<T>
    {
        y0 = m0 + (m1 + m2) + (m3 + m4);
        y1 = T.MultiplyAdd(T.Broadcast(2), m3 - m4, m1 - m2) + m5;
    }

    /// <summary>A·dy of F(2, 5).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void OutputGradient<T>(T y0, T y1, out T m0, out T m1, out T m2, out T m3, out T m4, out T m5)
        where T : struct, ILanes<T>
    {
        T twice = y1 + y1;
        m0 = y0;
        m1 = y0 + y1;
        m2 = y0 - y1;
        m3 = y0 + twice;
        m4 = y0 - twice;
        m5 = y1;
    }

    /// <summary>G·g of F(2, 5): five weights.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Weights<T>(T g0, T g1, T g2, T g3, T g4, out T u0, out T u1, out T u2, out T u3, out T u4, out T u5)
        where T : struct, ILanes<T>
    {
        T sixth = T.Broadcast(-1f / 6);
        T even = sixth * (g0 + g2 + g4);
        T odd = sixth * (g1 + g3);
        u0 = T.Broadcast(0.25f) * g0;
        u1 = even + odd;
        u2 = even - odd;
        even = T.MultiplyAdd(T.Broadcast(1f / 24), g0, T.MultiplyAdd(T.Broadcast(1f / 6), g2, T.Broadcast(2f / 3) * g4));
        odd = T.MultiplyAdd(T.Broadcast(1f / 12), g1, T.Broadcast(1f / 3) * g3);
        u3 = even + odd;
        u4 = even - odd;
        u5 = g4;
    }

    /// <summary>Gᵀ·du of F(2, 5).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void WeightsGradient<T>(T u0, T u1, T u2, T u3, T u4, T u5, out T g0, out T g1, out T g2, out T g3, out T g4)
        where T : struct, ILanes<T>
    {
        T sixth = T.Broadcast(-1f / 6);
        T near = sixth * (u1 + u2);
        T nearOdd = sixth * (u1 - u2);
        T far = u3 + u4;
        T farOdd = u3 - u4;
        g0 = T.MultiplyAdd(T.Broadcast(0.25f), u0, T.MultiplyAdd(T.Broadcast(1f / 24), far, near));
        g1 = T.MultiplyAdd(T.Broadcast(1f / 12), farOdd, nearOdd);
        g2 = T.MultiplyAdd(T.Broadcast(1f / 6), far, near);
        g3 = T.MultiplyAdd(T.Broadcast(1f / 3), farOdd, nearOdd);
        g4 = T.MultiplyAdd(T.Broadcast(2f / 3), far, near) + u5;
    }
}
