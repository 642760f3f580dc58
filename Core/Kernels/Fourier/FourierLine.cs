using System.Runtime.CompilerServices;

namespace Fovea.Core.Kernels;

// element   [16 real parts][16 imaginary parts], a channel a lane
// stage     of length m = radix·rest, stride s: out[(radix·p + k)·s + q] = (Σⱼ in[(p + rest·j)·s + q]·ω^(jk))·exp(−2πi·pk / m)

/// <summary>
/// The discrete Fourier transform of sixteen complex lines at once, by Stockham's method: stages of radix 4, 2, 3 and 5 that
/// leave everything in order (Van Loan, "Computational frameworks for the fast Fourier transform", 1992).
/// </summary>
internal static unsafe class FourierLine
{
    /// <summary>Floats of an element.</summary>
    public const int Element = 32;

    private const int Half = 16;

    /// <summary>
    /// Transforms a line, and answers where it then lies: in one of the two rooms. The inverse, times the length, is the same
    /// with real and imaginary parts exchanged.
    /// </summary>
    public static float* Run<T>(int length, float* roots, float* line, float* room, bool inverse)
        where T : struct, ILanes<T>
    {
        int re = inverse ? Half : 0;
        int stride = 1;
        for (int rest = length; rest > 1;)
        {
            int radix = FourierRoots.Radix(rest);
            rest /= radix;
            switch (radix)
            {
                case 4:
                    Four<T>(rest, stride, roots, line, room, re);
                    break;
                case 2:
                    Two<T>(rest, stride, roots, line, room, re);
                    break;
                case 3:
                    Three<T>(rest, stride, roots, line, room, re);
                    break;
                default:
                    Five<T>(rest, stride, roots, line, room, re);
                    break;
            }

            stride *= radix;
            float* read = line;
            line = room;
            room = read;
        }

        return line;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Two<T>(int rest, int stride, float* roots, float* line, float* room, int re)
        where T : struct, ILanes<T>
    {
        nint next = (nint)rest * stride * Element, to = (nint)stride * Element;
        for (int p = 0; p < rest; p++)
        {
            float* w = roots + (2 * p * stride);
            for (int q = 0; q < stride; q++)
            {
                for (int lane = 0; lane < Half; lane += T.Count)
                {
                    int r = re + lane, i = Half - re + lane;
                    float* a = line + (((nint)p * stride) + q) * Element;
                    float* y = room + (((nint)2 * p * stride) + q) * Element;
                    T ar = T.Load(a + r), ai = T.Load(a + i), br = T.Load(a + next + r), bi = T.Load(a + next + i);
                    (ar + br).Store(y + r);
                    (ai + bi).Store(y + i);
                    Put(y + to, r, i, ar - br, ai - bi, w);
                }
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Three<T>(int rest, int stride, float* roots, float* line, float* room, int re)
        where T : struct, ILanes<T>
    {
        T half = T.Broadcast(-0.5f), sine = T.Broadcast(0.8660254037844386f);
        nint next = (nint)rest * stride * Element, to = (nint)stride * Element;
        for (int p = 0; p < rest; p++)
        {
            float* w1 = roots + (2 * p * stride), w2 = roots + (4 * p * stride);
            for (int q = 0; q < stride; q++)
            {
                for (int lane = 0; lane < Half; lane += T.Count)
                {
                    int r = re + lane, i = Half - re + lane;
                    float* a = line + (((nint)p * stride) + q) * Element;
                    float* y = room + (((nint)3 * p * stride) + q) * Element;
                    T ar = T.Load(a + r), ai = T.Load(a + i);
                    T br = T.Load(a + next + r), bi = T.Load(a + next + i);
                    T cr = T.Load(a + (2 * next) + r), ci = T.Load(a + (2 * next) + i);
                    T sr = br + cr, si = bi + ci, dr = sine * (br - cr), di = sine * (bi - ci);
                    T mr = T.MultiplyAdd(half, sr, ar), mi = T.MultiplyAdd(half, si, ai);
                    (ar + sr).Store(y + r);
                    (ai + si).Store(y + i);
                    Put(y + to, r, i, mr + di, mi - dr, w1);
                    Put(y + (2 * to), r, i, mr - di, mi + dr, w2);
                }
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Four<T>(int rest, int stride, float* roots, float* line, float* room, int re)
        where T : struct, ILanes<T>
    {
        nint next = (nint)rest * stride * Element, to = (nint)stride * Element;
        for (int p = 0; p < rest; p++)
        {
            float* w1 = roots + (2 * p * stride), w2 = roots + (4 * p * stride), w3 = roots + (6 * p * stride);
            for (int q = 0; q < stride; q++)
            {
                for (int lane = 0; lane < Half; lane += T.Count)
                {
                    int r = re + lane, i = Half - re + lane;
                    float* a = line + (((nint)p * stride) + q) * Element;
                    float* y = room + (((nint)4 * p * stride) + q) * Element;
                    T ar = T.Load(a + r), ai = T.Load(a + i), cr = T.Load(a + (2 * next) + r), ci = T.Load(a + (2 * next) + i);
                    T br = T.Load(a + next + r), bi = T.Load(a + next + i), dr = T.Load(a + (3 * next) + r), di = T.Load(a + (3 * next) + i);
                    T er = ar + cr, ei = ai + ci, fr = ar - cr, fi = ai - ci;
                    T gr = br + dr, gi = bi + di, hr = br - dr, hi = bi - di;
                    (er + gr).Store(y + r);
                    (ei + gi).Store(y + i);
                    Put(y + to, r, i, fr + hi, fi - hr, w1);
                    Put(y + (2 * to), r, i, er - gr, ei - gi, w2);
                    Put(y + (3 * to), r, i, fr - hi, fi + hr, w3);
                }
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Five<T>(int rest, int stride, float* roots, float* line, float* room, int re)
        where T : struct, ILanes<T>
    {
        T c1 = T.Broadcast(0.30901699437494745f), c2 = T.Broadcast(-0.8090169943749475f);
        T s1 = T.Broadcast(0.9510565162951535f), s2 = T.Broadcast(0.5877852522924731f);
        nint next = (nint)rest * stride * Element, to = (nint)stride * Element;
        for (int p = 0; p < rest; p++)
        {
            float* w1 = roots + (2 * p * stride), w2 = roots + (4 * p * stride), w3 = roots + (6 * p * stride), w4 = roots + (8 * p * stride);
            for (int q = 0; q < stride; q++)
            {
                for (int lane = 0; lane < Half; lane += T.Count)
                {
                    int r = re + lane, i = Half - re + lane;
                    float* a = line + (((nint)p * stride) + q) * Element;
                    float* y = room + (((nint)5 * p * stride) + q) * Element;
                    T ar = T.Load(a + r), ai = T.Load(a + i);
                    T br = T.Load(a + next + r), bi = T.Load(a + next + i), er = T.Load(a + (4 * next) + r), ei = T.Load(a + (4 * next) + i);
                    T cr = T.Load(a + (2 * next) + r), ci = T.Load(a + (2 * next) + i), dr = T.Load(a + (3 * next) + r), di = T.Load(a + (3 * next) + i);
                    T sr = br + er, si = bi + ei, tr = cr + dr, ti = ci + di;
                    T ur = br - er, ui = bi - ei, vr = cr - dr, vi = ci - di;
                    T mr = T.MultiplyAdd(c2, tr, T.MultiplyAdd(c1, sr, ar)), mi = T.MultiplyAdd(c2, ti, T.MultiplyAdd(c1, si, ai));
                    T nr = T.MultiplyAdd(c1, tr, T.MultiplyAdd(c2, sr, ar)), ni = T.MultiplyAdd(c1, ti, T.MultiplyAdd(c2, si, ai));
                    T or = T.MultiplyAdd(s2, vr, s1 * ur), oi = T.MultiplyAdd(s2, vi, s1 * ui);
                    T pr = (s2 * ur) - (s1 * vr), pi = (s2 * ui) - (s1 * vi);
                    (ar + sr + tr).Store(y + r);
                    (ai + si + ti).Store(y + i);
                    Put(y + to, r, i, mr + oi, mi - or, w1);
                    Put(y + (2 * to), r, i, nr + pi, ni - pr, w2);
                    Put(y + (3 * to), r, i, nr - pi, ni + pr, w3);
                    Put(y + (4 * to), r, i, mr - oi, mi + or, w4);
                }
            }
        }
    }

    // A number times a root.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Put<T>(float* target, int r, int i, T re, T im, float* root)
        where T : struct, ILanes<T>
    {
        T cosine = T.Broadcast(root[0]), sine = T.Broadcast(root[1]);
        ((re * cosine) - (im * sine)).Store(target + r);
        T.MultiplyAdd(re, sine, im * cosine).Store(target + i);
    }
}
