using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Fovea.Core.Kernels.Activations;
using Fovea.Core.Shapes;

namespace Fovea.Core.Kernels.Pooling;

// x      H × W × 16     one block of sixteen channels of one image
// y      P × Q × 16
// taps   P × Q × 16     bytes: where in the window the maximum stands, r·S + s

/// <summary>Max pooling of blocks. Windows have at most 256 taps, so that a byte names one.</summary>
public static unsafe class BlockedMaxPooling
{
    /// <summary>The greatest window of which a byte names every tap.</summary>
    public const int MostTaps = 256;

    /// <summary>Rows <paramref name="from"/> to <paramref name="to"/> of y; <paramref name="y"/> or <paramref name="taps"/> may be null.</summary>
    /// <remarks>
    /// Where <paramref name="relu"/>, y is max(0, ·), and a maximum of 0 or less stands nowhere (255), so that no gradient
    /// reaches it: for windows of fewer than 256 taps.
    /// </remarks>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Forward(in PoolShape s, float* x, float* y, byte* taps, bool relu, int from, int to)
    {
        int rows = s.R, columns = s.S, rowStep = s.Vertical.Dilation, columnStep = s.Horizontal.Dilation, height = s.H, width = s.W;
        for (int p = from; p < to; p++)
        {
            int top = s.Vertical.Start(p);
            bool whole = top >= 0 && top + ((rows - 1) * rowStep) < height;
            for (int q = 0; q < s.Q; q++)
            {
                int left = s.Horizontal.Start(q);
                Vector512<float> best;
                Vector512<int> tap = Vector512.Create(-1);
                if (!whole || left < 0 || left + ((columns - 1) * columnStep) >= width)
                {
                    best = Clipped(s, x, top, left, ref tap);
                }
                else
                {
                    float* first = x + ((((long)top * width) + left) * Blocks.Width);
                    nint down = (nint)rowStep * width * Blocks.Width, right = (nint)columnStep * Blocks.Width;
                    best = taps == null ? Largest(first, rows, columns, down, right) : Largest(first, rows, columns, down, right, out tap);
                }

                if (relu)
                {
                    tap = Vector512.ConditionalSelect(Vector512.LessThanOrEqual(best, Vector512<float>.Zero).AsInt32(), Vector512.Create(-1), tap);
                    best = default(Relu).Forward(best);
                }

                long o = (((long)p * s.Q) + q) * Blocks.Width;
                if (y != null)
                {
                    best.Store(y + o);
                }

                if (taps != null)
                {
                    Narrow(tap).Store(taps + o);
                }
            }
        }
    }

    // A window that reaches past a border.
    private static Vector512<float> Clipped(in PoolShape s, float* x, int top, int left, ref Vector512<int> tap)
    {
        Vector512<float> best = Vector512.Create(float.NegativeInfinity);
        for (int r = 0; r < s.R; r++)
        {
            int i = top + (r * s.Vertical.Dilation);
            if ((uint)i >= (uint)s.H)
            {
                continue;
            }

            float* row = x + ((long)i * s.W * Blocks.Width);
            for (int t = 0; t < s.S; t++)
            {
                int j = left + (t * s.Horizontal.Dilation);
                if ((uint)j < (uint)s.W)
                {
                    Vector512<float> value = Vector512.Load(row + (j * Blocks.Width));
                    // Greater, or a NaN, or the first: −∞ is found too.
                    Vector512<int> take = Beats(value, best) | Vector512.LessThan(tap, Vector512<int>.Zero);
                    best = Vector512.ConditionalSelect(take.AsSingle(), value, best);
                    tap = Vector512.ConditionalSelect(take, Vector512.Create((r * s.S) + t), tap);
                }
            }
        }

        return best;
    }

    // The maxima of a window that lies inside: of equals the first, and a NaN where there is one.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Largest(float* x, int rows, int columns, nint rowStep, nint columnStep)
    {
        Vector512<float> best = Vector512.Load(x);
        for (int r = 0; r < rows; r++)
        {
            float* at = x;
            for (int t = 0; t < columns; t++)
            {
                Vector512<float> value = Vector512.Load(at);
                best = Vector512.ConditionalSelect(Beats(value, best).AsSingle(), value, best);
                at += columnStep;
            }

            x += rowStep;
        }

        return best;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Largest(float* x, int rows, int columns, nint rowStep, nint columnStep, out Vector512<int> place)
    {
        Vector512<float> best = Vector512.Load(x);
        place = Vector512<int>.Zero;
        Vector512<int> now = Vector512<int>.Zero;
        for (int r = 0; r < rows; r++)
        {
            float* at = x;
            for (int t = 0; t < columns; t++)
            {
                Vector512<float> value = Vector512.Load(at);
                Vector512<int> take = Beats(value, best);
                best = Vector512.ConditionalSelect(take.AsSingle(), value, best);
                place = Vector512.ConditionalSelect(take, now, place);
                now += Vector512<int>.One;
                at += columnStep;
            }

            x += rowStep;
        }

        return best;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<int> Beats(Vector512<float> value, Vector512<float> best) =>
        Vector512.GreaterThan(value, best).AsInt32() | ~Vector512.Equals(value, value).AsInt32();

    /// <summary>dx of one block, every element written; where <paramref name="far"/>, it begins with a cache line.</summary>
    public static void Backward(in PoolShape s, float* dy, byte* taps, float* dx, bool far)
    {
        if (s.Vertical is { Dilation: 1, Low: 0 } && s.Horizontal is { Dilation: 1, Low: 0 } && s.R == s.Vertical.Stride && s.S == s.Horizontal.Stride && s.P * s.R <= s.H && s.Q * s.S <= s.W)
        {
            Spread(s, dy, taps, dx, far);
        }
        else
        {
            Add(s, dy, taps, dx);
        }
    }

    // Windows side by side: each element of dx is of one of them, or of none past the last.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Spread(in PoolShape s, float* dy, byte* taps, float* dx, bool far)
    {
        int rows = s.R, columns = s.S, covered = s.Q * columns;
        nint width = (nint)s.W * Blocks.Width;
        for (int p = 0; p < s.P; p++)
        {
            for (int r = 0; r < rows; r++)
            {
                float* row = dx + (((p * rows) + r) * width);
                float* gradient = dy + ((long)p * s.Q * Blocks.Width);
                byte* tap = taps + ((long)p * s.Q * Blocks.Width);
                for (int q = 0; q < s.Q; q++)
                {
                    Vector512<float> value = Vector512.Load(gradient);
                    Vector512<int> place = Widen(Vector128.Load(tap));
                    for (int t = 0; t < columns; t++)
                    {
                        Vector512<int> here = Vector512.Equals(place, Vector512.Create((r * columns) + t));
                        Store(Vector512.ConditionalSelect(here.AsSingle(), value, Vector512<float>.Zero), row, far);
                        row += Blocks.Width;
                    }

                    gradient += Blocks.Width;
                    tap += Blocks.Width;
                }

                for (int j = covered; j < s.W; j++)
                {
                    Store(Vector512<float>.Zero, row, far);
                    row += Blocks.Width;
                }
            }
        }

        for (nint i = s.P * rows * width; i < s.H * width; i += Blocks.Width)
        {
            Store(Vector512<float>.Zero, dx + i, far);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(Vector512<float> value, float* to, bool far)
    {
        if (far)
        {
            value.StoreAlignedNonTemporal(to);
        }
        else
        {
            value.Store(to);
        }
    }

    // Any windows.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Add(in PoolShape s, float* dy, byte* taps, float* dx)
    {
        new Span<float>(dx, s.H * s.W * Blocks.Width).Clear();
        int rows = s.R, columns = s.S, rowStep = s.Vertical.Dilation, columnStep = s.Horizontal.Dilation, height = s.H, width = s.W;
        for (int p = 0; p < s.P; p++)
        {
            int top = s.Vertical.Start(p);
            for (int q = 0; q < s.Q; q++)
            {
                int left = s.Horizontal.Start(q);
                long o = (((long)p * s.Q) + q) * Blocks.Width;
                Vector512<float> gradient = Vector512.Load(dy + o);
                Vector512<int> tap = Widen(Vector128.Load(taps + o));
                for (int r = 0; r < rows; r++)
                {
                    int i = top + (r * rowStep);
                    if ((uint)i >= (uint)height)
                    {
                        continue;
                    }

                    float* row = dx + ((long)i * width * Blocks.Width);
                    for (int t = 0; t < columns; t++)
                    {
                        int j = left + (t * columnStep);
                        if ((uint)j < (uint)width)
                        {
                            float* at = row + (j * Blocks.Width);
                            Vector512<int> here = Vector512.Equals(tap, Vector512.Create((r * columns) + t));
                            (Vector512.Load(at) + Vector512.ConditionalSelect(here.AsSingle(), gradient, Vector512<float>.Zero)).Store(at);
                        }
                    }
                }
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<byte> Narrow(Vector512<int> taps)
    {
        if (Avx512F.IsSupported)
        {
            return Avx512F.ConvertToVector128Byte(taps);
        }

        Vector256<short> half = Vector256.Narrow(taps.GetLower(), taps.GetUpper());
        return Vector128.Narrow(half.GetLower(), half.GetUpper()).AsByte();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static Vector512<int> Widen(Vector128<byte> taps)
    {
        if (Avx512F.IsSupported)
        {
            return Avx512F.ConvertToVector512Int32(taps);
        }

        (Vector128<ushort> lower, Vector128<ushort> upper) = Vector128.Widen(taps);
        (Vector128<uint> a, Vector128<uint> b) = Vector128.Widen(lower);
        (Vector128<uint> c, Vector128<uint> d) = Vector128.Widen(upper);
        return Vector512.Create(Vector256.Create(a, b), Vector256.Create(c, d)).AsInt32();
    }
}
