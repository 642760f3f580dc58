using System.Runtime.CompilerServices;
using Fovea.Core.Shapes;

namespace Fovea.Core.Kernels;

/// <content>F(2×2, 5×5), where it differs from F(4×4, 3×3): everywhere but in the sources' transform.</content>
internal static unsafe partial class WinogradTransforms
{
    /// <summary>A·dy·Aᵀ of 2×2 gradients of outputs.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void OutputGradientFive<T>(float* dy, nint row, float* m, nint stride, float* t)
        where T : struct, ILanes<T>
    {
        for (int lane = 0; lane < Blocks.Width; lane += T.Count)
        {
            for (int j = 0; j < 2; j++)
            {
                float* y = dy + (j * Blocks.Width) + lane;
                WinogradBasis.OutputGradient(T.Load(y), T.Load(y + row), out T m0, out T m1, out T m2, out T m3, out T m4, out T m5);
                Column(t + (j * Blocks.Width), m0, m1, m2, m3, m4, m5);
            }

            for (int i = 0; i < 6; i++)
            {
                float* y = t + (i * 6 * Blocks.Width);
                WinogradBasis.OutputGradient(T.Load(y), T.Load(y + 16), out T m0, out T m1, out T m2, out T m3, out T m4, out T m5);
                Row(m + (i * 6 * stride) + lane, stride, m0, m1, m2, m3, m4, m5);
            }
        }
    }

    /// <summary>G·g·Gᵀ of 5×5 weights, each a vector of filters, one after the other.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void WeightsFive<T>(float* g, float* u, nint stride, float* t)
        where T : struct, ILanes<T>
    {
        for (int lane = 0; lane < Blocks.Width; lane += T.Count)
        {
            for (int j = 0; j < 5; j++)
            {
                float* w = g + (j * Blocks.Width) + lane;
                WinogradBasis.Weights(T.Load(w), T.Load(w + 80), T.Load(w + 160), T.Load(w + 240), T.Load(w + 320), out T u0, out T u1, out T u2, out T u3, out T u4, out T u5);
                Column(t + (j * Blocks.Width), u0, u1, u2, u3, u4, u5);
            }

            for (int i = 0; i < 6; i++)
            {
                float* w = t + (i * 6 * Blocks.Width);
                WinogradBasis.Weights(T.Load(w), T.Load(w + 16), T.Load(w + 32), T.Load(w + 48), T.Load(w + 64), out T u0, out T u1, out T u2, out T u3, out T u4, out T u5);
                Row(u + (i * 6 * stride) + lane, stride, u0, u1, u2, u3, u4, u5);
            }
        }
    }

    /// <summary>Gᵀ·du·G: 25 gradients of weights, <paramref name="step"/> floats apart.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void WeightsGradientFive<T>(float* du, nint stride, float* dg, nint step, float* t)
        where T : struct, ILanes<T>
    {
        for (int lane = 0; lane < Blocks.Width; lane += T.Count)
        {
            for (int j = 0; j < 6; j++)
            {
                float* u = du + (j * stride) + lane;
                nint down = 6 * stride;
                WinogradBasis.WeightsGradient(T.Load(u), T.Load(u + down), T.Load(u + (2 * down)), T.Load(u + (3 * down)), T.Load(u + (4 * down)), T.Load(u + (5 * down)), out T g0, out T g1, out T g2, out T g3, out T g4);
                float* column = t + (j * Blocks.Width);
                g0.Store(column);
                g1.Store(column + 96);
                g2.Store(column + 192);
                g3.Store(column + 288);
                g4.Store(column + 384);
            }

            for (int i = 0; i < 5; i++)
            {
                float* u = t + (i * 6 * Blocks.Width);
                WinogradBasis.WeightsGradient(T.Load(u), T.Load(u + 16), T.Load(u + 32), T.Load(u + 48), T.Load(u + 64), T.Load(u + 80), out T g0, out T g1, out T g2, out T g3, out T g4);
                float* row = dg + (i * 5 * step) + lane;
                g0.Store(row);
                g1.Store(row + step);
                g2.Store(row + (2 * step));
                g3.Store(row + (3 * step));
                g4.Store(row + (4 * step));
            }
        }
    }

    /// <summary>Aᵀ·m·A plus bias: 2×2 outputs, of which the first rows and columns are stored.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void OutputFive<T>(float* m, nint stride, float* bias, bool relu, float* y, nint row, int rows, int columns, float* t)
        where T : struct, ILanes<T>
    {
        for (int lane = 0; lane < Blocks.Width; lane += T.Count)
        {
            for (int j = 0; j < 6; j++)
            {
                float* p = m + (j * stride) + lane;
                nint down = 6 * stride;
                WinogradBasis.Output(T.Load(p), T.Load(p + down), T.Load(p + (2 * down)), T.Load(p + (3 * down)), T.Load(p + (4 * down)), T.Load(p + (5 * down)), out T y0, out T y1);
                float* column = t + (j * Blocks.Width);
                y0.Store(column);
                y1.Store(column + 96);
            }

            T b = bias == null ? T.Zero : T.Load(bias + lane);
            for (int i = 0; i < rows; i++)
            {
                float* p = t + (i * 6 * Blocks.Width);
                WinogradBasis.Output(T.Load(p), T.Load(p + 16), T.Load(p + 32), T.Load(p + 48), T.Load(p + 64), T.Load(p + 80), out T y0, out T y1);
                y0 += b;
                y1 += b;
                float* to = y + (i * row) + lane;
                (relu ? T.Relu(y0) : y0).Store(to);
                if (columns > 1)
                {
                    (relu ? T.Relu(y1) : y1).Store(to + 16);
                }
            }
        }
    }
}
