using System.Runtime.CompilerServices;
using Fovea.Core.Shapes;

namespace Fovea.Core.Kernels;

/// <summary>
/// The two-dimensional transforms of Winograd's method: down the columns, then along the rows, for the sixteen channels of a
/// block at once. The up to 36 results lie <c>stride</c> floats apart, six a row; <c>t</c> is room for 36 vectors in between.
/// </summary>
internal static unsafe class WinogradTransforms
{
    /// <summary>Floats of room that a transform needs.</summary>
    public const int Room = 36 * Blocks.Width;

    // Floats between two rows of the room.
    private const int Down = 6 * Blocks.Width;

    /// <summary>Bᵀ·d·B of as many pixels as positions, rows <paramref name="row"/> floats apart.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Input<T>(int rows, int columns, float* x, nint row, float* v, nint stride, float* t)
        where T : struct, ILanes<T>
    {
        for (int lane = 0; lane < Blocks.Width; lane += T.Count)
        {
            for (int j = 0; j < columns; j++)
            {
                WinogradBasis.Input<T>(rows, x + (j * Blocks.Width) + lane, row, t + (j * Blocks.Width), Down);
            }

            for (int i = 0; i < rows; i++)
            {
                WinogradBasis.Input<T>(columns, t + (i * Down), Blocks.Width, v + (i * 6 * stride) + lane, stride);
            }
        }
    }

    /// <summary>A·dy·Aᵀ of a tile's gradients.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void OutputGradient<T>(int taps, int rows, int columns, float* dy, nint row, float* m, nint stride, float* t)
        where T : struct, ILanes<T>
    {
        for (int lane = 0; lane < Blocks.Width; lane += T.Count)
        {
            for (int j = 0; j < columns; j++)
            {
                WinogradBasis.OutputGradient<T>(rows + taps - 1, rows, dy + (j * Blocks.Width) + lane, row, t + (j * Blocks.Width), Down);
            }

            for (int i = 0; i < rows + taps - 1; i++)
            {
                WinogradBasis.OutputGradient<T>(columns + taps - 1, columns, t + (i * Down), Blocks.Width, m + (i * 6 * stride) + lane, stride);
            }
        }
    }

    /// <summary>G·g·Gᵀ of weights, each a vector of filters, one after the other.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Weights<T>(int taps, float* g, float* u, nint stride, float* t)
        where T : struct, ILanes<T>
    {
        for (int lane = 0; lane < Blocks.Width; lane += T.Count)
        {
            for (int j = 0; j < taps; j++)
            {
                WinogradBasis.Weights<T>(taps, g + (j * Blocks.Width) + lane, taps * Blocks.Width, t + (j * Blocks.Width), Down);
            }

            for (int i = 0; i < 6; i++)
            {
                WinogradBasis.Weights<T>(taps, t + (i * Down), Blocks.Width, u + (i * 6 * stride) + lane, stride);
            }
        }
    }

    /// <summary>Gᵀ·du·G: gradients of weights, <paramref name="step"/> floats apart.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void WeightsGradient<T>(int taps, float* du, nint stride, float* dg, nint step, float* t)
        where T : struct, ILanes<T>
    {
        for (int lane = 0; lane < Blocks.Width; lane += T.Count)
        {
            for (int j = 0; j < 6; j++)
            {
                WinogradBasis.WeightsGradient<T>(taps, du + (j * stride) + lane, 6 * stride, t + (j * Blocks.Width), Down);
            }

            for (int i = 0; i < taps; i++)
            {
                WinogradBasis.WeightsGradient<T>(taps, t + (i * Down), Blocks.Width, dg + (i * taps * step) + lane, step);
            }
        }
    }

    /// <summary>Aᵀ·m·A plus bias: a tile's outputs, near or <paramref name="far"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Output<T>(int taps, int rows, int columns, float* m, nint stride, float* bias, bool relu, bool far, float* y, nint row, float* t)
        where T : struct, ILanes<T>
    {
        for (int lane = 0; lane < Blocks.Width; lane += T.Count)
        {
            for (int j = 0; j < columns + taps - 1; j++)
            {
                WinogradBasis.Output(rows + taps - 1, rows, m + (j * stride) + lane, 6 * stride, out T y0, out T y1, out T y2, out T y3);
                float* column = t + (j * Blocks.Width);
                y0.Store(column);
                y1.Store(column + Down);
                y2.Store(column + (2 * Down));
                y3.Store(column + (3 * Down));
            }

            T b = bias == null ? T.Zero : T.Load(bias + lane);
            for (int i = 0; i < rows; i++)
            {
                WinogradBasis.Output(columns + taps - 1, columns, t + (i * Down), Blocks.Width, out T y0, out T y1, out T y2, out T y3);
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
                Store(y0, to, far);
                if (columns > 1)
                {
                    Store(y1, to + Blocks.Width, far);
                }

                if (columns > 2)
                {
                    Store(y2, to + (2 * Blocks.Width), far);
                }

                if (columns > 3)
                {
                    Store(y3, to + (3 * Blocks.Width), far);
                }
            }
        }
    }

    /// <summary>Stores a vector, near or past the caches.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store<T>(T value, float* to, bool far)
        where T : struct, ILanes<T>
    {
        if (far)
        {
            value.StoreFar(to);
        }
        else
        {
            value.Store(to);
        }
    }
}
