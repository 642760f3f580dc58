using System.Runtime.CompilerServices;
using Fovea.Core.Shapes;

namespace Fovea.Core.Kernels;

/// <summary>
/// The two-dimensional transforms of F(4×4, 3×3) and, in its own file, F(2×2, 5×5): down the columns, then along the rows, for the sixteen channels of a
/// block at once. The 36 results lie <c>stride</c> floats apart; <c>t</c> is room for 36 vectors in between.
/// </summary>
internal static unsafe partial class WinogradTransforms
{
    /// <summary>Floats of room that a transform needs.</summary>
    public const int Room = 36 * Blocks.Width;

    /// <summary>Bᵀ·d·B of 6×6 pixels, rows <paramref name="row"/> floats apart.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Input<T>(float* x, nint row, float* v, nint stride, float* t)
        where T : struct, ILanes<T>
    {
        for (int lane = 0; lane < Blocks.Width; lane += T.Count)
        {
            for (int j = 0; j < 6; j++)
            {
                float* d = x + (j * Blocks.Width) + lane;
                WinogradBasis.Input(T.Load(d), T.Load(d + row), T.Load(d + (2 * row)), T.Load(d + (3 * row)), T.Load(d + (4 * row)), T.Load(d + (5 * row)), out T v0, out T v1, out T v2, out T v3, out T v4, out T v5);
                Column(t + (j * Blocks.Width), v0, v1, v2, v3, v4, v5);
            }

            for (int i = 0; i < 6; i++)
            {
                float* d = t + (i * 6 * Blocks.Width);
                WinogradBasis.Input(T.Load(d), T.Load(d + 16), T.Load(d + 32), T.Load(d + 48), T.Load(d + 64), T.Load(d + 80), out T v0, out T v1, out T v2, out T v3, out T v4, out T v5);
                Row(v + (i * 6 * stride) + lane, stride, v0, v1, v2, v3, v4, v5);
            }
        }
    }

    /// <summary>A·dy·Aᵀ of 4×4 gradients of outputs.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void OutputGradient<T>(float* dy, nint row, float* m, nint stride, float* t)
        where T : struct, ILanes<T>
    {
        for (int lane = 0; lane < Blocks.Width; lane += T.Count)
        {
            for (int j = 0; j < 4; j++)
            {
                float* y = dy + (j * Blocks.Width) + lane;
                WinogradBasis.OutputGradient(T.Load(y), T.Load(y + row), T.Load(y + (2 * row)), T.Load(y + (3 * row)), out T m0, out T m1, out T m2, out T m3, out T m4, out T m5);
                Column(t + (j * Blocks.Width), m0, m1, m2, m3, m4, m5);
            }

            for (int i = 0; i < 6; i++)
            {
                float* y = t + (i * 6 * Blocks.Width);
                WinogradBasis.OutputGradient(T.Load(y), T.Load(y + 16), T.Load(y + 32), T.Load(y + 48), out T m0, out T m1, out T m2, out T m3, out T m4, out T m5);
                Row(m + (i * 6 * stride) + lane, stride, m0, m1, m2, m3, m4, m5);
            }
        }
    }

    /// <summary>G·g·Gᵀ of 3×3 weights, each a vector of filters, one after the other.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Weights<T>(float* g, float* u, nint stride, float* t)
        where T : struct, ILanes<T>
    {
        for (int lane = 0; lane < Blocks.Width; lane += T.Count)
        {
            for (int j = 0; j < 3; j++)
            {
                float* w = g + (j * Blocks.Width) + lane;
                WinogradBasis.Weights(T.Load(w), T.Load(w + 48), T.Load(w + 96), out T u0, out T u1, out T u2, out T u3, out T u4, out T u5);
                Column(t + (j * Blocks.Width), u0, u1, u2, u3, u4, u5);
            }

            for (int i = 0; i < 6; i++)
            {
                float* w = t + (i * 6 * Blocks.Width);
                WinogradBasis.Weights(T.Load(w), T.Load(w + 16), T.Load(w + 32), out T u0, out T u1, out T u2, out T u3, out T u4, out T u5);
                Row(u + (i * 6 * stride) + lane, stride, u0, u1, u2, u3, u4, u5);
            }
        }
    }

    /// <summary>Gᵀ·du·G: nine gradients of weights, <paramref name="step"/> floats apart.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void WeightsGradient<T>(float* du, nint stride, float* dg, nint step, float* t)
        where T : struct, ILanes<T>
    {
        for (int lane = 0; lane < Blocks.Width; lane += T.Count)
        {
            for (int j = 0; j < 6; j++)
            {
                float* u = du + (j * stride) + lane;
                nint down = 6 * stride;
                WinogradBasis.WeightsGradient(T.Load(u), T.Load(u + down), T.Load(u + (2 * down)), T.Load(u + (3 * down)), T.Load(u + (4 * down)), T.Load(u + (5 * down)), out T g0, out T g1, out T g2);
                float* column = t + (j * Blocks.Width);
                g0.Store(column);
                g1.Store(column + 96);
                g2.Store(column + 192);
            }

            for (int i = 0; i < 3; i++)
            {
                float* u = t + (i * 6 * Blocks.Width);
                WinogradBasis.WeightsGradient(T.Load(u), T.Load(u + 16), T.Load(u + 32), T.Load(u + 48), T.Load(u + 64), T.Load(u + 80), out T g0, out T g1, out T g2);
                float* row = dg + (i * 3 * step) + lane;
                g0.Store(row);
                g1.Store(row + step);
                g2.Store(row + (2 * step));
            }
        }
    }

    /// <summary>Aᵀ·m·A plus bias: 4×4 outputs, of which the first rows and columns are stored.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Output<T>(float* m, nint stride, float* bias, bool relu, float* y, nint row, int rows, int columns, float* t)
        where T : struct, ILanes<T>
    {
        for (int lane = 0; lane < Blocks.Width; lane += T.Count)
        {
            for (int j = 0; j < 6; j++)
            {
                float* p = m + (j * stride) + lane;
                nint down = 6 * stride;
                WinogradBasis.Output(T.Load(p), T.Load(p + down), T.Load(p + (2 * down)), T.Load(p + (3 * down)), T.Load(p + (4 * down)), T.Load(p + (5 * down)), out T y0, out T y1, out T y2, out T y3);
                float* column = t + (j * Blocks.Width);
                y0.Store(column);
                y1.Store(column + 96);
                y2.Store(column + 192);
                y3.Store(column + 288);
            }

            T b = bias == null ? T.Zero : T.Load(bias + lane);
            for (int i = 0; i < rows; i++)
            {
                float* p = t + (i * 6 * Blocks.Width);
                WinogradBasis.Output(T.Load(p), T.Load(p + 16), T.Load(p + 32), T.Load(p + 48), T.Load(p + 64), T.Load(p + 80), out T y0, out T y1, out T y2, out T y3);
                y0 += b;
                y1 += b;
                y2 += b;
                y3 += b;
                if (relu)
                {
                    y0 = T.Relu(y0);
                    y1 = T.Relu(y1);
                    y2 = T.Relu(y2);
                    y3 = T.Relu(y3);
                }

                float* to = y + (i * row) + lane;
                y0.Store(to);
                if (columns > 1)
                {
                    y1.Store(to + 16);
                }

                if (columns > 2)
                {
                    y2.Store(to + 32);
                }

                if (columns > 3)
                {
                    y3.Store(to + 48);
                }
            }
        }
    }

    // Six vectors into a column of the room: rows are six vectors long.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Column<T>(float* t, T a, T b, T c, T d, T e, T f)
        where T : struct, ILanes<T> => Row(t, 6 * Blocks.Width, a, b, c, d, e, f);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Row<T>(float* to, nint stride, T a, T b, T c, T d, T e, T f)
        where T : struct, ILanes<T>
    {
        a.Store(to);
        b.Store(to + stride);
        c.Store(to + (2 * stride));
        d.Store(to + (3 * stride));
        e.Store(to + (4 * stride));
        f.Store(to + (5 * stride));
    }
}
