using System.Numerics;
using Fovea.Core.Shapes;

namespace Fovea.Core.Kernels.Naive;

// x   N × C × H × W              the input
// w   K × P × Q × C × R × S      a filter of its own for each output
// b   K × P × Q                  a bias of its own for each output, or empty
// y   N × K × P × Q              the output
// y[n,k,p,q] = b[k,p,q] + Σ_c Σ_r Σ_s  x[n, c, p·stride − low + r·dilation, q·stride − low + s·dilation] · w[k,p,q,c,r,s]

/// <summary>A convolution whose weights are not shared between places, by its definition.</summary>
public static class NaiveLocal
{
    /// <summary>y from x, w and b; <paramref name="b"/> may be empty.</summary>
    public static void Forward<T>(in ConvShape s, ReadOnlySpan<T> x, ReadOnlySpan<T> w, ReadOnlySpan<T> b, Span<T> y)
        where T : IFloatingPointIeee754<T>
    {
        int outputs = s.K * s.P * s.Q, taps = s.C * s.R * s.S;
        for (int n = 0; n < s.N; n++)
        {
            for (int o = 0; o < outputs; o++)
            {
                T sum = b.IsEmpty ? T.Zero : b[o];
                for (int tap = 0; tap < taps; tap++)
                {
                    if (Input(s, n, o, tap) is var i && i >= 0)
                    {
                        sum += x[i] * w[(o * taps) + tap];
                    }
                }

                y[(n * outputs) + o] = sum;
            }
        }
    }

    /// <summary>dx from dy and w: every product of the forward pass sends its share back.</summary>
    public static void BackwardInput<T>(in ConvShape s, ReadOnlySpan<T> dy, ReadOnlySpan<T> w, Span<T> dx)
        where T : IFloatingPointIeee754<T>
    {
        int outputs = s.K * s.P * s.Q, taps = s.C * s.R * s.S;
        dx[..s.Input.Count].Clear();
        for (int n = 0; n < s.N; n++)
        {
            for (int o = 0; o < outputs; o++)
            {
                for (int tap = 0; tap < taps; tap++)
                {
                    if (Input(s, n, o, tap) is var i && i >= 0)
                    {
                        dx[i] += dy[(n * outputs) + o] * w[(o * taps) + tap];
                    }
                }
            }
        }
    }

    /// <summary>dw from x and dy; the bias's gradient is dy summed over the images.</summary>
    public static void BackwardWeights<T>(in ConvShape s, ReadOnlySpan<T> x, ReadOnlySpan<T> dy, Span<T> dw)
        where T : IFloatingPointIeee754<T>
    {
        int outputs = s.K * s.P * s.Q, taps = s.C * s.R * s.S;
        dw[..(outputs * taps)].Clear();
        for (int n = 0; n < s.N; n++)
        {
            for (int o = 0; o < outputs; o++)
            {
                for (int tap = 0; tap < taps; tap++)
                {
                    if (Input(s, n, o, tap) is var i && i >= 0)
                    {
                        dw[(o * taps) + tap] += x[i] * dy[(n * outputs) + o];
                    }
                }
            }
        }
    }

    // Where output (k, p, q) meets the input with tap (c, r, t), or −1 in the padding.
    private static int Input(in ConvShape s, int n, int output, int tap)
    {
        int q = output % s.Q, p = output / s.Q % s.P;
        int t = tap % s.S, r = tap / s.S % s.R, c = tap / (s.S * s.R);
        int row = s.Vertical.Start(p) + (r * s.Vertical.Dilation), column = s.Horizontal.Start(q) + (t * s.Horizontal.Dilation);
        return row < 0 || row >= s.H || column < 0 || column >= s.W ? -1 : (((((n * s.C) + c) * s.H) + row) * s.W) + column;
    }
}
