using System.Numerics;
using Fovea.Core.Shapes;

namespace Fovea.Core.Kernels.Naive;

// x   N × C × H × W     the input
// y   N × C × P × Q     the output

/// <summary>Pooling by its definition. Padding is never read: a maximum never sees it, an average may count it.</summary>
public static class NaivePooling
{
    /// <summary>
    /// The maximum of each window, and for each output the tap (r·S + s) where it stands: the first of equals, and a NaN
    /// if there is one.
    /// </summary>
    public static void MaxForward<T>(in PoolShape s, ReadOnlySpan<T> x, Span<T> y, Span<int> taps)
        where T : IFloatingPointIeee754<T>
    {
        for (int plane = 0; plane < s.N * s.C; plane++)
        {
            for (int p = 0; p < s.P; p++)
            {
                for (int q = 0; q < s.Q; q++)
                {
                    T best = T.NegativeInfinity;
                    int tap = -1;
                    for (int r = 0; r < s.R; r++)
                    {
                        for (int t = 0; t < s.S; t++)
                        {
                            int i = Input(s, plane, p, q, r, t);
                            if (i >= 0 && (tap < 0 || x[i] > best || T.IsNaN(x[i])))
                            {
                                best = x[i];
                                tap = (r * s.S) + t;
                            }
                        }
                    }

                    int o = Output(s, plane, p, q);
                    y[o] = best;
                    taps[o] = tap;
                }
            }
        }
    }

    /// <summary>dx: each output's gradient goes to the tap that won; overlapping windows add up.</summary>
    public static void MaxBackward<T>(in PoolShape s, ReadOnlySpan<T> dy, ReadOnlySpan<int> taps, Span<T> dx)
        where T : IFloatingPointIeee754<T>
    {
        dx[..s.Input.Count].Clear();
        for (int plane = 0; plane < s.N * s.C; plane++)
        {
            for (int p = 0; p < s.P; p++)
            {
                for (int q = 0; q < s.Q; q++)
                {
                    int o = Output(s, plane, p, q);
                    dx[Input(s, plane, p, q, taps[o] / s.S, taps[o] % s.S)] += dy[o];
                }
            }
        }
    }

    /// <summary>The mean of each window; <paramref name="divisors"/> holds what each of the P×Q windows is divided by.</summary>
    public static void AverageForward<T>(in PoolShape s, ReadOnlySpan<T> x, ReadOnlySpan<int> divisors, Span<T> y)
        where T : IFloatingPointIeee754<T>
    {
        for (int plane = 0; plane < s.N * s.C; plane++)
        {
            for (int p = 0; p < s.P; p++)
            {
                for (int q = 0; q < s.Q; q++)
                {
                    T sum = T.Zero;
                    for (int r = 0; r < s.R; r++)
                    {
                        for (int t = 0; t < s.S; t++)
                        {
                            int i = Input(s, plane, p, q, r, t);
                            sum += i >= 0 ? x[i] : T.Zero;
                        }
                    }

                    y[Output(s, plane, p, q)] = sum / T.CreateChecked(divisors[(p * s.Q) + q]);
                }
            }
        }
    }

    /// <summary>dx: each output's gradient, divided as the mean was, goes to all of its window.</summary>
    public static void AverageBackward<T>(in PoolShape s, ReadOnlySpan<T> dy, ReadOnlySpan<int> divisors, Span<T> dx)
        where T : IFloatingPointIeee754<T>
    {
        dx[..s.Input.Count].Clear();
        for (int plane = 0; plane < s.N * s.C; plane++)
        {
            for (int p = 0; p < s.P; p++)
            {
                for (int q = 0; q < s.Q; q++)
                {
                    T share = dy[Output(s, plane, p, q)] / T.CreateChecked(divisors[(p * s.Q) + q]);
                    for (int r = 0; r < s.R; r++)
                    {
                        for (int t = 0; t < s.S; t++)
                        {
                            if (Input(s, plane, p, q, r, t) is var i && i >= 0)
                            {
                                dx[i] += share;
                            }
                        }
                    }
                }
            }
        }
    }

    /// <summary>Where each window's maximum stands in its plane of H·W: the first of equals, and a NaN if there is one.</summary>
    public static void MaxIndices<T>(in PoolShape s, ReadOnlySpan<T> x, Span<int> indices)
        where T : IFloatingPointIeee754<T>
    {
        for (int o = 0; o < s.Output.Count; o++)
        {
            int best = -1;
            for (int tap = 0; tap < s.R * s.S; tap++)
            {
                int i = Input(s, o, tap);
                best = i >= 0 && (best < 0 || x[i] > x[best] || T.IsNaN(x[i])) ? i : best;
            }

            indices[o] = best % (s.H * s.W);
        }
    }

    /// <summary>The place in x that a tap, counted along the rows of the window of output o, reads; −1 in the padding.</summary>
    internal static int Input(in PoolShape s, int o, int tap) =>
        Input(s, o / s.Q / s.P, o / s.Q % s.P, o % s.Q, tap / s.S, tap % s.S);

    private static int Input(in PoolShape s, int plane, int p, int q, int r, int t)
    {
        int i = s.Vertical.Start(p) + (r * s.Vertical.Dilation);
        int j = s.Horizontal.Start(q) + (t * s.Horizontal.Dilation);
        return (uint)i < (uint)s.H && (uint)j < (uint)s.W ? (((plane * s.H) + i) * s.W) + j : -1;
    }

    private static int Output(in PoolShape s, int plane, int p, int q) => (((plane * s.P) + p) * s.Q) + q;
}
