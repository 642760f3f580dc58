using System.Runtime.CompilerServices;
using Fovea.Core.Shapes;

namespace Fovea.Core.Kernels.Planes;

/// <summary>
/// Depthwise 3×3 within a border of one over planes whose rows are half a vector or less: a vector is two rows, which follow each
/// other in memory, and their neighbours come from it by permutations that put zeros beyond the ends of rows. What lies outside
/// the plane is masked off: nothing is copied, and nothing outside is read or written. For AVX-512.
/// </summary>
[SkipLocalsInit]
internal readonly unsafe struct ShortRows
{
    private const int Together = 2;

    private const int Taps = 9;

    private readonly int rows;
    private readonly int columns;

    // What the lane on the left holds, or a zero; the lane on the right.
    private readonly Lanes512 left;
    private readonly Lanes512 right;

    /// <summary>Planes of so many rows and columns.</summary>
    public ShortRows(int rows, int columns)
    {
        this.rows = rows;
        this.columns = columns;
        int* lanes = stackalloc int[2 * Blocks.Width];
        for (int lane = 0; lane < Blocks.Width; lane++)
        {
            lanes[lane] = lane % columns == 0 ? Blocks.Width : lane - 1;
            lanes[Blocks.Width + lane] = lane % columns == columns - 1 ? Blocks.Width : lane + 1;
        }

        left = Lanes512.Load((float*)lanes);
        right = Lanes512.Load((float*)(lanes + Blocks.Width));
    }

    /// <summary>Whether rows are short enough.</summary>
    public static bool Fits(int columns) => Together * columns <= Lanes512.Count;

    /// <summary>
    /// The targets of channels <paramref name="from"/> to <paramref name="to"/>. Weights as <see cref="Depthwise"/> packs them; their
    /// first row meets the row above, or from the last row on <paramref name="upward"/> the one below.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Correlate(float* x, int from, int to, float* packed, float* bias, bool relu, bool upward, float* y)
    {
        int whole = (rows - 1) / Together, rest = rows - (whole * Together);
        nint plane = rows * columns, step = upward ? -columns : columns, start = upward ? (rows - Together) * columns : 0;
        Lanes512 inside = Lanes512.First(Together * columns), upper = Lanes512.First(columns), lower = Lanes512.Since(inside, columns);
        Lanes512 near = upward ? lower : upper, far = upward ? upper : lower;
        Lanes512 last = rest == Together ? inside : near, beyond = rest == Together ? near : Lanes512.Zero;
        Lanes512 before = left, behind = right, zero = Lanes512.Zero;
        x += (from * plane) + start;
        y += (from * plane) + start;
        for (int channel = from; channel < to; channel++)
        {
            float* w = packed + ((nint)channel / Blocks.Width * Taps * Blocks.Width) + (channel % Blocks.Width);
            Lanes512 w0 = Lanes512.Broadcast(w[0]), w1 = Lanes512.Broadcast(w[16]), w2 = Lanes512.Broadcast(w[32]);
            Lanes512 w3 = Lanes512.Broadcast(w[48]), w4 = Lanes512.Broadcast(w[64]), w5 = Lanes512.Broadcast(w[80]);
            Lanes512 w6 = Lanes512.Broadcast(w[96]), w7 = Lanes512.Broadcast(w[112]), w8 = Lanes512.Broadcast(w[128]);
            Lanes512 b = Lanes512.Broadcast(bias == null ? 0 : bias[channel]);
            float* a = x - step, end = y;
            Lanes512 m = Lanes512.Load(a, far), l = Lanes512.Between(m, zero, before, a), r = Lanes512.Between(m, zero, behind, a);
            Lanes512 s;
            for (int i = 0; i < whole; i++)
            {
                s = Lanes512.MultiplyAdd(l, w0, b);
                s = Lanes512.MultiplyAdd(m, w1, s);
                s = Lanes512.MultiplyAdd(r, w2, s);
                a += step;
                m = Lanes512.Load(a, inside);
                s = Lanes512.MultiplyAdd(Lanes512.Between(m, zero, before, a), w3, s);
                s = Lanes512.MultiplyAdd(m, w4, s);
                s = Lanes512.MultiplyAdd(Lanes512.Between(m, zero, behind, a), w5, s);
                a += step;
                m = Lanes512.Load(a, inside);
                l = Lanes512.Between(m, zero, before, a);
                r = Lanes512.Between(m, zero, behind, a);
                s = Lanes512.MultiplyAdd(l, w6, s);
                s = Lanes512.MultiplyAdd(m, w7, s);
                s = Lanes512.MultiplyAdd(r, w8, s);
                (relu ? Lanes512.Relu(s) : s).Store(end, inside);
                end += Together * step;
            }

            s = Lanes512.MultiplyAdd(l, w0, b);
            s = Lanes512.MultiplyAdd(m, w1, s);
            s = Lanes512.MultiplyAdd(r, w2, s);
            a += step;
            m = Lanes512.Load(a, last);
            s = Lanes512.MultiplyAdd(Lanes512.Between(m, zero, before, a), w3, s);
            s = Lanes512.MultiplyAdd(m, w4, s);
            s = Lanes512.MultiplyAdd(Lanes512.Between(m, zero, behind, a), w5, s);
            a += step;
            m = Lanes512.Load(a, beyond);
            s = Lanes512.MultiplyAdd(Lanes512.Between(m, zero, before, a), w6, s);
            s = Lanes512.MultiplyAdd(m, w7, s);
            s = Lanes512.MultiplyAdd(Lanes512.Between(m, zero, behind, a), w8, s);
            (relu ? Lanes512.Relu(s) : s).Store(end, last);
            x += plane;
            y += plane;
        }
    }

    /// <summary>
    /// The products of so many planes of x and of dy, as many floats apart as a batch has from image to image, added up tap by tap:
    /// a vector of sums for each.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Sum(float* x, float* dy, int images, nint apart, float* dw)
    {
        int whole = (rows - 1) / Together, rest = rows - (whole * Together);
        nint step = columns;
        Lanes512 inside = Lanes512.First(Together * columns), upper = Lanes512.First(columns), lower = Lanes512.Since(inside, columns);
        Lanes512 last = rest == Together ? inside : upper, beyond = rest == Together ? upper : Lanes512.Zero;
        Lanes512 before = left, behind = right, zero = Lanes512.Zero;
        Lanes512 s0 = zero, s1 = zero, s2 = zero, s3 = zero, s4 = zero, s5 = zero, s6 = zero, s7 = zero, s8 = zero;
        for (int image = 0; image < images; image++)
        {
            float* a = x - step, g = dy;
            Lanes512 above = Lanes512.Load(a, lower);
            Lanes512 d, l, r, m;
            for (int i = 0; i < whole; i++)
            {
                // A tap on the left meets the gradient on its right.
                d = Lanes512.Load(g, inside);
                l = Lanes512.Between(d, zero, behind, g);
                r = Lanes512.Between(d, zero, before, g);
                s0 = Lanes512.MultiplyAdd(above, l, s0);
                s1 = Lanes512.MultiplyAdd(above, d, s1);
                s2 = Lanes512.MultiplyAdd(above, r, s2);
                a += step;
                m = Lanes512.Load(a, inside);
                s3 = Lanes512.MultiplyAdd(m, l, s3);
                s4 = Lanes512.MultiplyAdd(m, d, s4);
                s5 = Lanes512.MultiplyAdd(m, r, s5);
                a += step;
                above = Lanes512.Load(a, inside);
                s6 = Lanes512.MultiplyAdd(above, l, s6);
                s7 = Lanes512.MultiplyAdd(above, d, s7);
                s8 = Lanes512.MultiplyAdd(above, r, s8);
                g += Together * step;
            }

            d = Lanes512.Load(g, last);
            l = Lanes512.Between(d, zero, behind, g);
            r = Lanes512.Between(d, zero, before, g);
            above &= last;
            s0 = Lanes512.MultiplyAdd(above, l, s0);
            s1 = Lanes512.MultiplyAdd(above, d, s1);
            s2 = Lanes512.MultiplyAdd(above, r, s2);
            a += step;
            m = Lanes512.Load(a, last);
            s3 = Lanes512.MultiplyAdd(m, l, s3);
            s4 = Lanes512.MultiplyAdd(m, d, s4);
            s5 = Lanes512.MultiplyAdd(m, r, s5);
            a += step;
            m = Lanes512.Load(a, beyond);
            s6 = Lanes512.MultiplyAdd(m, l, s6);
            s7 = Lanes512.MultiplyAdd(m, d, s7);
            s8 = Lanes512.MultiplyAdd(m, r, s8);
            x += apart;
            dy += apart;
        }

        dw[0] = Lanes512.Sum(s0);
        dw[1] = Lanes512.Sum(s1);
        dw[2] = Lanes512.Sum(s2);
        dw[3] = Lanes512.Sum(s3);
        dw[4] = Lanes512.Sum(s4);
        dw[5] = Lanes512.Sum(s5);
        dw[6] = Lanes512.Sum(s6);
        dw[7] = Lanes512.Sum(s7);
        dw[8] = Lanes512.Sum(s8);
    }
}
