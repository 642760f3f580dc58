using System.Numerics;
using Fovea.Core.Shapes;

namespace Fovea.Core.Kernels.Naive;

// x   N × C × H × W          the input
// w   K × C/G × R × S        the filters; filter k of group g sees channels g·C/G … of x
// b   K                      the bias, or empty
// y   N × K × P × Q          the output
// y[n,k,p,q] = b[k] + Σ_c Σ_r Σ_s  x[n, c, p·stride − low + r·dilation, q·stride − low + s·dilation] · w[k,c,r,s]

/// <summary>
/// Two-dimensional cross-correlation by its definition, in seven loops: the twin against which every fast kernel is held,
/// and, in double precision, the witness of the gradient checks. A tap that falls outside the input multiplies nothing.
/// </summary>
public static class NaiveConvolution
{
    /// <summary>y from x, w and b; <paramref name="b"/> may be empty.</summary>
    public static void Forward<T>(in ConvShape s, ReadOnlySpan<T> x, ReadOnlySpan<T> w, ReadOnlySpan<T> b, Span<T> y)
        where T : IFloatingPointIeee754<T>
    {
        for (int n = 0; n < s.N; n++)
        {
            for (int k = 0; k < s.K; k++)
            {
                for (int p = 0; p < s.P; p++)
                {
                    for (int q = 0; q < s.Q; q++)
                    {
                        T sum = b.IsEmpty ? T.Zero : b[k];
                        for (int c = 0; c < s.GroupC; c++)
                        {
                            for (int r = 0; r < s.R; r++)
                            {
                                for (int t = 0; t < s.S; t++)
                                {
                                    if (Input(s, n, k, c, p, q, r, t) is var i && i >= 0)
                                    {
                                        sum += x[i] * w[Weight(s, k, c, r, t)];
                                    }
                                }
                            }
                        }

                        y[Output(s, n, k, p, q)] = sum;
                    }
                }
            }
        }
    }

    /// <summary>dx from dy and w: every product of the forward pass sends its share back.</summary>
    public static void BackwardInput<T>(in ConvShape s, ReadOnlySpan<T> dy, ReadOnlySpan<T> w, Span<T> dx)
        where T : IFloatingPointIeee754<T>
    {
        dx[..s.Input.Count].Clear();
        for (int n = 0; n < s.N; n++)
        {
            for (int k = 0; k < s.K; k++)
            {
                for (int p = 0; p < s.P; p++)
                {
                    for (int q = 0; q < s.Q; q++)
                    {
                        T gradient = dy[Output(s, n, k, p, q)];
                        for (int c = 0; c < s.GroupC; c++)
                        {
                            for (int r = 0; r < s.R; r++)
                            {
                                for (int t = 0; t < s.S; t++)
                                {
                                    if (Input(s, n, k, c, p, q, r, t) is var i && i >= 0)
                                    {
                                        dx[i] += gradient * w[Weight(s, k, c, r, t)];
                                    }
                                }
                            }
                        }
                    }
                }
            }
        }
    }

    /// <summary>dw from x and dy, summed over the batch.</summary>
    public static void BackwardWeights<T>(in ConvShape s, ReadOnlySpan<T> x, ReadOnlySpan<T> dy, Span<T> dw)
        where T : IFloatingPointIeee754<T>
    {
        dw[..(int)s.WeightCount].Clear();
        for (int n = 0; n < s.N; n++)
        {
            for (int k = 0; k < s.K; k++)
            {
                for (int p = 0; p < s.P; p++)
                {
                    for (int q = 0; q < s.Q; q++)
                    {
                        T gradient = dy[Output(s, n, k, p, q)];
                        for (int c = 0; c < s.GroupC; c++)
                        {
                            for (int r = 0; r < s.R; r++)
                            {
                                for (int t = 0; t < s.S; t++)
                                {
                                    if (Input(s, n, k, c, p, q, r, t) is var i && i >= 0)
                                    {
                                        dw[Weight(s, k, c, r, t)] += gradient * x[i];
                                    }
                                }
                            }
                        }
                    }
                }
            }
        }
    }

    // The place in x that the tap (c, r, t) of the window (p, q) reads for filter k; −1 in the padding.
    private static int Input(in ConvShape s, int n, int k, int c, int p, int q, int r, int t)
    {
        int channel = (k / s.GroupK * s.GroupC) + c;
        int i = s.Vertical.Start(p) + (r * s.Vertical.Dilation);
        int j = s.Horizontal.Start(q) + (t * s.Horizontal.Dilation);
        return (uint)i < (uint)s.H && (uint)j < (uint)s.W ? (((((n * s.C) + channel) * s.H) + i) * s.W) + j : -1;
    }

    private static int Weight(in ConvShape s, int k, int c, int r, int t) => (((((k * s.GroupC) + c) * s.R) + r) * s.S) + t;

    private static int Output(in ConvShape s, int n, int k, int p, int q) => (((((n * s.K) + k) * s.P) + p) * s.Q) + q;
}
