using System.Runtime.CompilerServices;

namespace Fovea.Core.Kernels;

/// <summary>
/// The register tile of Winograd's method along columns: two vectors by three scalars, at two positions at a time. The first pair's sums stay
/// in registers until the second pair's are there and give the two outputs in the middle; the last pair's begin with what the
/// outers have so far. So little goes through memory that stores of outputs, past the caches above all, do not hold up the products.
/// </summary>
/// <remarks>
/// <code>
/// v  [position: 1, −1, 2, −2, 0, ∞][channel][...], a row of tiles, to which taps give offsets
/// w  [two positions][tap][one of the two][filters of the group]
/// </code>
/// </remarks>
internal static unsafe class ColumnTile
{
    /// <summary>Scalars of a tile.</summary>
    public const int Scalars = 3;

    /// <summary>Vectors of a tile.</summary>
    public const int Vectors = 2;

    /// <summary>Computes a tile.</summary>
    /// <param name="taps">What each step reads, at the first position.</param>
    /// <param name="count">The number of steps.</param>
    /// <param name="v">The first pixel, in a row of tiles.</param>
    /// <param name="slot">Floats between positions.</param>
    /// <param name="apart">Floats between the vectors.</param>
    /// <param name="w">The weights of the first filter.</param>
    /// <param name="group">Filters that weights lie side by side for.</param>
    /// <param name="bias">The biases, from the first filter on.</param>
    /// <param name="target">Where the outputs go.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Run<T, TVectors>(int* taps, int count, float* v, nint slot, nint apart, float* w, nint group, float* bias, in ColumnTarget target)
        where T : struct, ILanes<T>
        where TVectors : struct, IColumnVectors
    {
        int* end = taps + count;
        T a00 = T.Zero;
        T a01 = T.Zero;
        T a10 = T.Zero;
        T a11 = T.Zero;
        T a20 = T.Zero;
        T a21 = T.Zero;
        T b00 = T.Zero;
        T b01 = T.Zero;
        T b10 = T.Zero;
        T b11 = T.Zero;
        T b20 = T.Zero;
        T b21 = T.Zero;
        Multiply<T, TVectors>(taps, end, v, slot, apart, ref w, group, ref a00, ref a01, ref a10, ref a11, ref a20, ref a21, ref b00, ref b01, ref b10, ref b11, ref b20, ref b21);
        Near(ref a00, ref b00, TVectors.ArePixels ? T.Broadcast(bias[0]) : T.Load(bias), out T even00, out T odd00);
        Near(ref a01, ref b01, TVectors.ArePixels ? T.Broadcast(bias[0]) : T.Load(bias + T.Count), out T even01, out T odd01);
        Near(ref a10, ref b10, TVectors.ArePixels ? T.Broadcast(bias[1]) : T.Load(bias), out T even10, out T odd10);
        Near(ref a11, ref b11, TVectors.ArePixels ? T.Broadcast(bias[1]) : T.Load(bias + T.Count), out T even11, out T odd11);
        Near(ref a20, ref b20, TVectors.ArePixels ? T.Broadcast(bias[2]) : T.Load(bias), out T even20, out T odd20);
        Near(ref a21, ref b21, TVectors.ArePixels ? T.Broadcast(bias[2]) : T.Load(bias + T.Count), out T even21, out T odd21);
        Multiply<T, TVectors>(taps, end, v + (2 * slot), slot, apart, ref w, group, ref a00, ref a01, ref a10, ref a11, ref a20, ref a21, ref b00, ref b01, ref b10, ref b11, ref b20, ref b21);
        float* y = target.Y;
        Middle(ref a00, ref b00, even00, odd00, y, target);
        Middle(ref a01, ref b01, even01, odd01, y + target.Vector, target);
        y += target.Scalar;
        Middle(ref a10, ref b10, even10, odd10, y, target);
        Middle(ref a11, ref b11, even11, odd11, y + target.Vector, target);
        y += target.Scalar;
        Middle(ref a20, ref b20, even20, odd20, y, target);
        Middle(ref a21, ref b21, even21, odd21, y + target.Vector, target);
        Multiply<T, TVectors>(taps, end, v + (4 * slot), slot, apart, ref w, group, ref a00, ref a01, ref a10, ref a11, ref a20, ref a21, ref b00, ref b01, ref b10, ref b11, ref b20, ref b21);
        y = target.Y;
        Ends(a00, b00, y, target);
        Ends(a01, b01, y + target.Vector, target);
        y += target.Scalar;
        Ends(a10, b10, y, target);
        Ends(a11, b11, y + target.Vector, target);
        y += target.Scalar;
        Ends(a20, b20, y, target);
        Ends(a21, b21, y + target.Vector, target);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Multiply<T, TVectors>(int* taps, int* end, float* v, nint slot, nint apart, ref float* w, nint group, ref T a00, ref T a01, ref T a10, ref T a11, ref T a20, ref T a21, ref T b00, ref T b01, ref T b10, ref T b11, ref T b20, ref T b21)
        where T : struct, ILanes<T>
        where TVectors : struct, IColumnVectors
    {
        T left, right, scalar;
        float* vectors;
        float* scalars;
        for (; taps < end; taps++)
        {
            float* x = v + *taps;
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
            x += slot;
            float* second = w + group;
            vectors = TVectors.ArePixels ? x : second;
            scalars = TVectors.ArePixels ? second : x;
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
            w += 2 * group;
        }
    }

    // All four outputs take the sum at 1 as it is, and so the bias.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Near<T>(ref T plus, ref T minus, T bias, out T even, out T odd)
        where T : struct, ILanes<T>
    {
        plus = bias + plus;
        even = plus + minus;
        odd = plus - minus;
        plus = T.Zero;
        minus = T.Zero;
    }

    // The sums at 2 and −2 give the two outputs in the middle, and what the outer two have so far.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Middle<T>(ref T plus, ref T minus, T even, T odd, out T y1, out T y2)
        where T : struct, ILanes<T>
    {
        T wide = plus + minus;
        T wideOdd = plus - minus;
        y1 = T.MultiplyAdd(T.Broadcast(2), wideOdd, odd);
        y2 = T.MultiplyAdd(T.Broadcast(4), wide, even);
        plus = even + wide;
        minus = T.MultiplyAdd(T.Broadcast(8), wideOdd, odd);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Middle<T>(ref T plus, ref T minus, T even, T odd, float* y, in ColumnTarget target)
        where T : struct, ILanes<T>
    {
        Middle(ref plus, ref minus, even, odd, out T y1, out T y2);
        Store(y1, y + target.Row, target);
        Store(y2, y + (2 * target.Row), target);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Ends<T>(T first, T last, float* y, in ColumnTarget target)
        where T : struct, ILanes<T>
    {
        Store(first, y, target);
        Store(last, y + (3 * target.Row), target);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store<T>(T lanes, float* y, in ColumnTarget target)
        where T : struct, ILanes<T>
    {
        lanes = target.Relu ? T.Relu(lanes) : lanes;
        if (target.Far)
        {
            lanes.StoreFar(y);
        }
        else
        {
            lanes.Store(y);
        }
    }
}
