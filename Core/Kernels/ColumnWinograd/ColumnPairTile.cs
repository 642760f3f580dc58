using System.Runtime.CompilerServices;
using Fovea.Core.Shapes;

namespace Fovea.Core.Kernels;

/// <summary>
/// The register tile of Winograd's method along columns for windows of three columns, as <see cref="ColumnTile"/>: sixteen pairs of
/// neighbouring pixels by three filters, the left pixels one vector and the right ones another. Of a line's even and odd columns, four
/// vectors then hold what three columns of both read, half of them at the beginning of a cache line; where neighbouring pixels are a
/// vector it takes six, most of which lie in two lines. Pairs are put together as they are stored.
/// </summary>
/// <remarks>
/// <code>
/// v  [position: 1, −1, 2, −2, 0, ∞][channel][even columns, odd columns], a row of tiles
/// w  [two positions][channel][column of the window][one of the two][filters of the group]
/// </code>
/// </remarks>
internal static unsafe class ColumnPairTile
{
    /// <summary>Pixels of a tile.</summary>
    public const int Pixels = 2 * Blocks.Width;

    /// <summary>Computes a tile.</summary>
    /// <param name="channels">Channels.</param>
    /// <param name="v">The first pixel's even column, in a row of tiles.</param>
    /// <param name="line">Floats between channels.</param>
    /// <param name="half">Floats from a line's even columns to its odd ones.</param>
    /// <param name="slot">Floats between positions.</param>
    /// <param name="w">The weights of the first filter.</param>
    /// <param name="group">Filters that weights lie side by side for.</param>
    /// <param name="bias">The biases, from the first filter on.</param>
    /// <param name="target">Where the outputs go.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Run(int channels, float* v, nint line, nint half, nint slot, float* w, nint group, float* bias, in ColumnTarget target)
    {
        Lanes512 a00 = Lanes512.Zero;
        Lanes512 a01 = Lanes512.Zero;
        Lanes512 a10 = Lanes512.Zero;
        Lanes512 a11 = Lanes512.Zero;
        Lanes512 a20 = Lanes512.Zero;
        Lanes512 a21 = Lanes512.Zero;
        Lanes512 b00 = Lanes512.Zero;
        Lanes512 b01 = Lanes512.Zero;
        Lanes512 b10 = Lanes512.Zero;
        Lanes512 b11 = Lanes512.Zero;
        Lanes512 b20 = Lanes512.Zero;
        Lanes512 b21 = Lanes512.Zero;
        nint floats = channels * line;
        Multiply(v, v + floats, line, half, slot, ref w, group, ref a00, ref a01, ref a10, ref a11, ref a20, ref a21, ref b00, ref b01, ref b10, ref b11, ref b20, ref b21);
        ColumnTile.Near(ref a00, ref b00, Lanes512.Broadcast(bias[0]), out Lanes512 even00, out Lanes512 odd00);
        ColumnTile.Near(ref a01, ref b01, Lanes512.Broadcast(bias[0]), out Lanes512 even01, out Lanes512 odd01);
        ColumnTile.Near(ref a10, ref b10, Lanes512.Broadcast(bias[1]), out Lanes512 even10, out Lanes512 odd10);
        ColumnTile.Near(ref a11, ref b11, Lanes512.Broadcast(bias[1]), out Lanes512 even11, out Lanes512 odd11);
        ColumnTile.Near(ref a20, ref b20, Lanes512.Broadcast(bias[2]), out Lanes512 even20, out Lanes512 odd20);
        ColumnTile.Near(ref a21, ref b21, Lanes512.Broadcast(bias[2]), out Lanes512 even21, out Lanes512 odd21);
        v += 2 * slot;
        Multiply(v, v + floats, line, half, slot, ref w, group, ref a00, ref a01, ref a10, ref a11, ref a20, ref a21, ref b00, ref b01, ref b10, ref b11, ref b20, ref b21);
        float* y = target.Y;
        Middle(ref a00, ref b00, even00, odd00, ref a01, ref b01, even01, odd01, y, target);
        y += target.Scalar;
        Middle(ref a10, ref b10, even10, odd10, ref a11, ref b11, even11, odd11, y, target);
        y += target.Scalar;
        Middle(ref a20, ref b20, even20, odd20, ref a21, ref b21, even21, odd21, y, target);
        v += 2 * slot;
        Multiply(v, v + floats, line, half, slot, ref w, group, ref a00, ref a01, ref a10, ref a11, ref a20, ref a21, ref b00, ref b01, ref b10, ref b11, ref b20, ref b21);
        y = target.Y;
        Store(a00, a01, y, target);
        Store(b00, b01, y + (3 * target.Row), target);
        y += target.Scalar;
        Store(a10, a11, y, target);
        Store(b10, b11, y + (3 * target.Row), target);
        y += target.Scalar;
        Store(a20, a21, y, target);
        Store(b20, b21, y + (3 * target.Row), target);
    }

    // The right pixels' first column is the left ones' second, and so on; positions take turns, so that no sum waits for itself.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Multiply(float* v, float* end, nint line, nint half, nint slot, ref float* w, nint group, ref Lanes512 a00, ref Lanes512 a01, ref Lanes512 a10, ref Lanes512 a11, ref Lanes512 a20, ref Lanes512 a21, ref Lanes512 b00, ref Lanes512 b01, ref Lanes512 b10, ref Lanes512 b11, ref Lanes512 b20, ref Lanes512 b21)
    {
        for (; v < end; v += line)
        {
            float* second = v + slot;
            Lanes512 even = Lanes512.Load(v);
            Lanes512 odd = Lanes512.Load(v + half);
            Multiply(w, even, odd, ref a00, ref a01, ref a10, ref a11, ref a20, ref a21);
            w += group;
            Lanes512 evenOfSecond = Lanes512.Load(second);
            Lanes512 oddOfSecond = Lanes512.Load(second + half);
            Multiply(w, evenOfSecond, oddOfSecond, ref b00, ref b01, ref b10, ref b11, ref b20, ref b21);
            w += group;
            even = Lanes512.Load(v + 1);
            Multiply(w, odd, even, ref a00, ref a01, ref a10, ref a11, ref a20, ref a21);
            w += group;
            evenOfSecond = Lanes512.Load(second + 1);
            Multiply(w, oddOfSecond, evenOfSecond, ref b00, ref b01, ref b10, ref b11, ref b20, ref b21);
            w += group;
            odd = Lanes512.Load(v + half + 1);
            Multiply(w, even, odd, ref a00, ref a01, ref a10, ref a11, ref a20, ref a21);
            w += group;
            oddOfSecond = Lanes512.Load(second + half + 1);
            Multiply(w, evenOfSecond, oddOfSecond, ref b00, ref b01, ref b10, ref b11, ref b20, ref b21);
            w += group;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Multiply(float* w, Lanes512 left, Lanes512 right, ref Lanes512 s00, ref Lanes512 s01, ref Lanes512 s10, ref Lanes512 s11, ref Lanes512 s20, ref Lanes512 s21)
    {
        Lanes512 weight = Lanes512.Broadcast(w[0]);
        Lanes512.Accumulate(ref s00, weight, left);
        Lanes512.Accumulate(ref s01, weight, right);
        weight = Lanes512.Broadcast(w[1]);
        Lanes512.Accumulate(ref s10, weight, left);
        Lanes512.Accumulate(ref s11, weight, right);
        weight = Lanes512.Broadcast(w[2]);
        Lanes512.Accumulate(ref s20, weight, left);
        Lanes512.Accumulate(ref s21, weight, right);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Middle(ref Lanes512 plusLeft, ref Lanes512 minusLeft, Lanes512 evenLeft, Lanes512 oddLeft, ref Lanes512 plusRight, ref Lanes512 minusRight, Lanes512 evenRight, Lanes512 oddRight, float* y, in ColumnTarget target)
    {
        ColumnTile.Middle(ref plusLeft, ref minusLeft, evenLeft, oddLeft, out Lanes512 left1, out Lanes512 left2);
        ColumnTile.Middle(ref plusRight, ref minusRight, evenRight, oddRight, out Lanes512 right1, out Lanes512 right2);
        Store(left1, right1, y + target.Row, target);
        Store(left2, right2, y + (2 * target.Row), target);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(Lanes512 left, Lanes512 right, float* y, in ColumnTarget target)
    {
        Lanes512.Zip(ref left, ref right);
        ColumnTile.Store(left, y, target);
        ColumnTile.Store(right, y + target.Vector, target);
    }
}
