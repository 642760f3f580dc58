using System.Numerics;
using Fovea.Core.Shapes;

namespace Fovea.Core.Kernels.Local;

/// <summary>
/// A convolution whose weights are not shared, place by place: the image's patch there is laid out once, and every
/// filter's row of weights meets it as a vector. Data as in <see cref="Naive.NaiveLocal"/>.
/// </summary>
public static class LocalKernel
{
    /// <summary>Floats of scratch: one patch.</summary>
    public static int ScratchFloats(in ConvShape s) => s.C * s.R * s.S;

    /// <summary>y of one image.</summary>
    public static void Forward(in ConvShape s, ReadOnlySpan<float> x, ReadOnlySpan<float> w, ReadOnlySpan<float> b, Span<float> y, Span<float> patch)
    {
        int places = s.P * s.Q;
        for (int place = 0; place < places; place++)
        {
            Gather(s, place, x, patch);
            for (int k = 0; k < s.K; k++)
            {
                int o = (k * places) + place;
                y[o] = Dot(patch, w.Slice(o * patch.Length, patch.Length)) + (b.IsEmpty ? 0 : b[o]);
            }
        }
    }

    /// <summary>dx of one image.</summary>
    public static void BackwardInput(in ConvShape s, ReadOnlySpan<float> dy, ReadOnlySpan<float> w, Span<float> dx, Span<float> patch)
    {
        int places = s.P * s.Q;
        dx.Clear();
        for (int place = 0; place < places; place++)
        {
            patch.Clear();
            for (int k = 0; k < s.K; k++)
            {
                int o = (k * places) + place;
                AddScaled(w.Slice(o * patch.Length, patch.Length), dy[o], patch);
            }

            Scatter(s, place, patch, dx);
        }
    }

    /// <summary>dw, and db unless it is empty, at one place, over all images: no other place writes there.</summary>
    public static void BackwardWeights(in ConvShape s, int place, ReadOnlySpan<float> x, ReadOnlySpan<float> dy, Span<float> dw, Span<float> db, Span<float> patch)
    {
        int places = s.P * s.Q, image = s.C * s.H * s.W;
        for (int n = 0; n < s.N; n++)
        {
            Gather(s, place, x.Slice(n * image, image), patch);
            for (int k = 0; k < s.K; k++)
            {
                int o = (k * places) + place;
                float slope = dy[(n * s.K * places) + o];
                Span<float> row = dw.Slice(o * patch.Length, patch.Length);
                if (n == 0)
                {
                    row.Clear();
                }

                AddScaled(patch, slope, row);
                if (!db.IsEmpty)
                {
                    db[o] = n == 0 ? slope : db[o] + slope;
                }
            }
        }
    }

    private static void Gather(in ConvShape s, int place, ReadOnlySpan<float> x, Span<float> patch)
    {
        int top = s.Vertical.Start(place / s.Q), left = s.Horizontal.Start(place % s.Q), tap = 0;
        for (int c = 0; c < s.C; c++)
        {
            for (int r = 0; r < s.R; r++)
            {
                int row = top + (r * s.Vertical.Dilation);
                for (int t = 0; t < s.S; t++, tap++)
                {
                    int column = left + (t * s.Horizontal.Dilation);
                    bool inside = (uint)row < (uint)s.H && (uint)column < (uint)s.W;
                    patch[tap] = inside ? x[(((c * s.H) + row) * s.W) + column] : 0;
                }
            }
        }
    }

    private static void Scatter(in ConvShape s, int place, ReadOnlySpan<float> patch, Span<float> dx)
    {
        int top = s.Vertical.Start(place / s.Q), left = s.Horizontal.Start(place % s.Q), tap = 0;
        for (int c = 0; c < s.C; c++)
        {
            for (int r = 0; r < s.R; r++)
            {
                int row = top + (r * s.Vertical.Dilation);
                for (int t = 0; t < s.S; t++, tap++)
                {
                    int column = left + (t * s.Horizontal.Dilation);
                    if ((uint)row < (uint)s.H && (uint)column < (uint)s.W)
                    {
                        dx[(((c * s.H) + row) * s.W) + column] += patch[tap];
                    }
                }
            }
        }
    }

    private static float Dot(ReadOnlySpan<float> a, ReadOnlySpan<float> b)
    {
        Vector<float> sums = Vector<float>.Zero;
        int i = 0;
        for (; i <= a.Length - Vector<float>.Count; i += Vector<float>.Count)
        {
            sums += new Vector<float>(a[i..]) * new Vector<float>(b[i..]);
        }

        float sum = Vector.Sum(sums);
        for (; i < a.Length; i++)
        {
            sum += a[i] * b[i];
        }

        return sum;
    }

    private static void AddScaled(ReadOnlySpan<float> from, float factor, Span<float> to)
    {
        int i = 0;
        for (; i <= to.Length - Vector<float>.Count; i += Vector<float>.Count)
        {
            (new Vector<float>(to[i..]) + (new Vector<float>(from[i..]) * factor)).CopyTo(to[i..]);
        }

        for (; i < to.Length; i++)
        {
            to[i] += from[i] * factor;
        }
    }
}
