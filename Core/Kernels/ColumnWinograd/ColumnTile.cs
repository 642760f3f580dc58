using System.Runtime.CompilerServices;
using Fovea.Core.Shapes;

namespace Fovea.Core.Kernels;

/// <summary>
/// The register tile of Winograd's method along columns: two vectors by four scalars, at two positions at a time. The sums of all positions
/// wait in the first-level cache until they are transformed back.
/// </summary>
/// <remarks>
/// <code>
/// v     [position][channel][...], a row of tiles, to which taps give offsets
/// w     [two positions][tap][one of the two][filters of the group]
/// sums  [position][scalar][vector][16]
/// </code>
/// </remarks>
internal static unsafe class ColumnTile
{
    /// <summary>Scalars of a tile.</summary>
    public const int Scalars = 4;

    /// <summary>Vectors of a tile.</summary>
    public const int Vectors = 2;

    /// <summary>Floats of the sums.</summary>
    public const int SumFloats = ColumnTiles.Positions * PositionFloats;

    private const int PositionFloats = Scalars * Vectors * Blocks.Width;

    /// <summary>Computes a tile.</summary>
    /// <param name="taps">What each step reads, at the first position.</param>
    /// <param name="count">The number of steps.</param>
    /// <param name="v">The first pixel, in a row of tiles.</param>
    /// <param name="slot">Floats between positions.</param>
    /// <param name="apart">Floats between the vectors.</param>
    /// <param name="w">The weights of the first filter.</param>
    /// <param name="group">Filters that weights lie side by side for.</param>
    /// <param name="bias">The biases, from the first filter on.</param>
    /// <param name="sums">Room for the sums.</param>
    /// <param name="target">Where the outputs go.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Run<T, TVectors>(int* taps, int count, float* v, nint slot, nint apart, float* w, nint group, float* bias, float* sums, in ColumnTarget target)
        where T : struct, ILanes<T>
        where TVectors : struct, IColumnVectors
    {
        int* end = taps + count;
        float* first = sums;
        for (int pair = 0; pair < ColumnTiles.Positions; pair += 2)
        {
            T a00 = T.Zero;
            T a01 = T.Zero;
            T a10 = T.Zero;
            T a11 = T.Zero;
            T a20 = T.Zero;
            T a21 = T.Zero;
            T a30 = T.Zero;
            T a31 = T.Zero;
            T b00 = T.Zero;
            T b01 = T.Zero;
            T b10 = T.Zero;
            T b11 = T.Zero;
            T b20 = T.Zero;
            T b21 = T.Zero;
            T b30 = T.Zero;
            T b31 = T.Zero;
            T left, right, scalar;
            float* vectors;
            float* scalars;
            if (T.Count < Blocks.Width)
            {
                // Narrower vectors have half the registers: one position after the other.
                float* weights = w + group;
                for (int* tap = taps; tap < end; tap++)
                {
                    vectors = TVectors.ArePixels ? v + *tap : w;
                    scalars = TVectors.ArePixels ? w : v + *tap;
                    left = T.Load(vectors);
                    right = T.Load(vectors + apart);
                    scalar = T.Broadcast(*scalars);
                    T.Accumulate(ref a00, scalar, left);
                    T.Accumulate(ref a01, scalar, right);
                    scalar = T.Broadcast(scalars[1]);
                    T.Accumulate(ref a10, scalar, left);
                    T.Accumulate(ref a11, scalar, right);
                    scalar = T.Broadcast(scalars[2]);
                    T.Accumulate(ref a20, scalar, left);
                    T.Accumulate(ref a21, scalar, right);
                    scalar = T.Broadcast(scalars[3]);
                    T.Accumulate(ref a30, scalar, left);
                    T.Accumulate(ref a31, scalar, right);
                    w += 2 * group;
                }

                for (int* tap = taps; tap < end; tap++)
                {
                    vectors = TVectors.ArePixels ? v + slot + *tap : weights;
                    scalars = TVectors.ArePixels ? weights : v + slot + *tap;
                    left = T.Load(vectors);
                    right = T.Load(vectors + apart);
                    scalar = T.Broadcast(*scalars);
                    T.Accumulate(ref b00, scalar, left);
                    T.Accumulate(ref b01, scalar, right);
                    scalar = T.Broadcast(scalars[1]);
                    T.Accumulate(ref b10, scalar, left);
                    T.Accumulate(ref b11, scalar, right);
                    scalar = T.Broadcast(scalars[2]);
                    T.Accumulate(ref b20, scalar, left);
                    T.Accumulate(ref b21, scalar, right);
                    scalar = T.Broadcast(scalars[3]);
                    T.Accumulate(ref b30, scalar, left);
                    T.Accumulate(ref b31, scalar, right);
                    weights += 2 * group;
                }
            }
            else
            {
                for (int* tap = taps; tap < end; tap++)
                {
                    float* x = v + *tap;
                    vectors = TVectors.ArePixels ? x : w;
                    scalars = TVectors.ArePixels ? w : x;
                    left = T.Load(vectors);
                    right = T.Load(vectors + apart);
                    scalar = T.Broadcast(*scalars);
                    T.Accumulate(ref a00, scalar, left);
                    T.Accumulate(ref a01, scalar, right);
                    scalar = T.Broadcast(scalars[1]);
                    T.Accumulate(ref a10, scalar, left);
                    T.Accumulate(ref a11, scalar, right);
                    scalar = T.Broadcast(scalars[2]);
                    T.Accumulate(ref a20, scalar, left);
                    T.Accumulate(ref a21, scalar, right);
                    scalar = T.Broadcast(scalars[3]);
                    T.Accumulate(ref a30, scalar, left);
                    T.Accumulate(ref a31, scalar, right);
                    vectors = TVectors.ArePixels ? x + slot : w + group;
                    scalars = TVectors.ArePixels ? w + group : x + slot;
                    left = T.Load(vectors);
                    right = T.Load(vectors + apart);
                    scalar = T.Broadcast(*scalars);
                    T.Accumulate(ref b00, scalar, left);
                    T.Accumulate(ref b01, scalar, right);
                    scalar = T.Broadcast(scalars[1]);
                    T.Accumulate(ref b10, scalar, left);
                    T.Accumulate(ref b11, scalar, right);
                    scalar = T.Broadcast(scalars[2]);
                    T.Accumulate(ref b20, scalar, left);
                    T.Accumulate(ref b21, scalar, right);
                    scalar = T.Broadcast(scalars[3]);
                    T.Accumulate(ref b30, scalar, left);
                    T.Accumulate(ref b31, scalar, right);
                    w += 2 * group;
                }
            }

            a00.Store(sums);
            a01.Store(sums + Blocks.Width);
            a10.Store(sums + (2 * Blocks.Width));
            a11.Store(sums + (3 * Blocks.Width));
            a20.Store(sums + (4 * Blocks.Width));
            a21.Store(sums + (5 * Blocks.Width));
            a30.Store(sums + (6 * Blocks.Width));
            a31.Store(sums + (7 * Blocks.Width));
            b00.Store(sums + PositionFloats);
            b01.Store(sums + PositionFloats + Blocks.Width);
            b10.Store(sums + PositionFloats + (2 * Blocks.Width));
            b11.Store(sums + PositionFloats + (3 * Blocks.Width));
            b20.Store(sums + PositionFloats + (4 * Blocks.Width));
            b21.Store(sums + PositionFloats + (5 * Blocks.Width));
            b30.Store(sums + PositionFloats + (6 * Blocks.Width));
            b31.Store(sums + PositionFloats + (7 * Blocks.Width));
            sums += 2 * PositionFloats;
            v += 2 * slot;
        }

        float* y = target.Y;
        for (int i = 0; i < Scalars; i++)
        {
            Output(first, TVectors.ArePixels ? T.Broadcast(bias[i]) : T.Load(bias), y, target);
            Output(first + Blocks.Width, TVectors.ArePixels ? T.Broadcast(bias[i]) : T.Load(bias + T.Count), y + target.Vector, target);
            first += Vectors * Blocks.Width;
            y += target.Scalar;
        }
    }

    // Aᵀ·m, plus the bias; positions 1, −1, 2, −2, 0, ∞.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Output<T>(float* m, T bias, float* y, in ColumnTarget target)
        where T : struct, ILanes<T>
    {
        RowBasis.Output(T.Load(m + (4 * PositionFloats)), T.Load(m + (5 * PositionFloats)), T.Load(m), T.Load(m + PositionFloats), T.Load(m + (2 * PositionFloats)), T.Load(m + (3 * PositionFloats)), bias, out T y0, out T y1, out T y2, out T y3);
        if (target.Relu)
        {
            y0 = T.Relu(y0);
            y1 = T.Relu(y1);
            y2 = T.Relu(y2);
            y3 = T.Relu(y3);
        }

        if (target.Far)
        {
            y0.StoreFar(y);
            y1.StoreFar(y + target.Row);
            y2.StoreFar(y + (2 * target.Row));
            y3.StoreFar(y + (3 * target.Row));
            return;
        }

        y0.Store(y);
        y1.Store(y + target.Row);
        y2.Store(y + (2 * target.Row));
        y3.Store(y + (3 * target.Row));
    }
}
