using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Fovea.Core.Kernels;

/// <summary>
/// Transposes tiles of 16×16 floats: what turns plain images into blocked ones, packs weights and unpacks their gradients.
/// </summary>
internal static unsafe class Transpose16
{
    /// <summary>target[column·targetStride + row] = source[row·sourceStride + column], 16 rows, 16 columns.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Full(float* source, nint sourceStride, float* target, nint targetStride)
    {
        if (Vector512.IsHardwareAccelerated)
        {
            Whole(source, sourceStride, target, targetStride, false);
            return;
        }

        if (Avx.IsSupported)
        {
            for (int row = 0; row < 16; row += 8)
            {
                for (int column = 0; column < 16; column += 8)
                {
                    Quarter(source + (row * sourceStride) + column, sourceStride, target + (column * targetStride) + row, targetStride);
                }
            }

            return;
        }

        Some(source, sourceStride, 16, 16, target, targetStride);
    }

    /// <summary>
    /// The same for the first <paramref name="rows"/> rows and <paramref name="columns"/> columns, 16 or fewer, with
    /// zeros in the lanes past the last row. Nothing outside the tile is read.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Lanes(float* source, nint sourceStride, int rows, int columns, float* target, nint targetStride)
    {
        for (int column = 0; column < columns && rows < 16; column++)
        {
            new Span<float>(target + (column * targetStride) + rows, 16 - rows).Clear();
        }

        Clipped(source, sourceStride, rows, columns, target, targetStride);
    }

    /// <summary>The same for the first rows and columns; nothing outside the tile is read or written.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Clipped(float* source, nint sourceStride, int rows, int columns, float* target, nint targetStride)
    {
        if (rows == 16 && columns == 16)
        {
            Full(source, sourceStride, target, targetStride);
            return;
        }

        int wide = 0;
        int high = 0;
        if (Avx.IsSupported)
        {
            // Whole quarters at full speed, the fringe element by element.
            wide = columns & ~7;
            high = rows & ~7;
            for (int row = 0; row < high; row += 8)
            {
                for (int column = 0; column < wide; column += 8)
                {
                    Quarter(source + (row * sourceStride) + column, sourceStride, target + (column * targetStride) + row, targetStride);
                }
            }
        }

        Some(source + wide, sourceStride, high, columns - wide, target + (wide * targetStride), targetStride);
        Some(source + (high * sourceStride), sourceStride, rows - high, columns, target + high, targetStride);
    }

    /// <summary>
    /// A run of pixels of up to sixteen channels, which lie <paramref name="plane"/> floats apart, to pixels of sixteen lanes; zeros in the
    /// lanes past the last channel.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Block(float* plain, nint plane, int channels, int pixels, float* block)
    {
        // Sixteen pixels at a time, the last of them overlapping the ones before.
        int count = Math.Min(16, pixels);
        for (int next = 0; next < pixels; next += 16)
        {
            int pixel = Math.Min(next, pixels - count);
            Lanes(plain + pixel, plane, channels, count, block + ((nint)pixel * 16), 16);
        }
    }

    /// <summary><see cref="Block"/> the other way; past the caches if that is wanted, where it makes whole lines.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Unblock(float* block, float* plain, nint plane, int channels, int pixels, bool far = false)
    {
        int count = Math.Min(16, pixels);
        far &= Vector512.IsHardwareAccelerated && channels == 16 && count == 16 && FarStores.BeginsLine(plain) && FarStores.BeginsLine(plain + plane);
        for (int next = 0; next < pixels; next += 16)
        {
            int pixel = Math.Min(next, pixels - count);
            if (far && pixel == next)
            {
                Whole(block + ((nint)pixel * 16), 16, plain + pixel, plane, true);
            }
            else
            {
                Clipped(block + ((nint)pixel * 16), 16, count, channels, plain + pixel, plane);
            }
        }
    }

    private static void Some(float* source, nint sourceStride, int rows, int columns, float* target, nint targetStride)
    {
        for (int column = 0; column < columns; column++)
        {
            float* from = source + column;
            float* to = target + (column * targetStride);
            for (int row = 0; row < rows; row++)
            {
                to[row] = *from;
                from += sourceStride;
            }
        }
    }

    // Eight by eight: pairs, then pairs of pairs, then halves change places.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Quarter(float* source, nint stride, float* target, nint targetStride)
    {
        Vector256<float> r0 = Vector256.Load(source);
        Vector256<float> r1 = Vector256.Load(source + stride);
        Vector256<float> r2 = Vector256.Load(source + (2 * stride));
        Vector256<float> r3 = Vector256.Load(source + (3 * stride));
        float* lower = source + (4 * stride);
        Vector256<float> r4 = Vector256.Load(lower);
        Vector256<float> r5 = Vector256.Load(lower + stride);
        Vector256<float> r6 = Vector256.Load(lower + (2 * stride));
        Vector256<float> r7 = Vector256.Load(lower + (3 * stride));

        Vector256<float> p0 = Avx.UnpackLow(r0, r1);
        Vector256<float> p1 = Avx.UnpackHigh(r0, r1);
        Vector256<float> p2 = Avx.UnpackLow(r2, r3);
        Vector256<float> p3 = Avx.UnpackHigh(r2, r3);
        Vector256<float> p4 = Avx.UnpackLow(r4, r5);
        Vector256<float> p5 = Avx.UnpackHigh(r4, r5);
        Vector256<float> p6 = Avx.UnpackLow(r6, r7);
        Vector256<float> p7 = Avx.UnpackHigh(r6, r7);

        r0 = Avx.Shuffle(p0, p2, 0x44);
        r1 = Avx.Shuffle(p0, p2, 0xEE);
        r2 = Avx.Shuffle(p1, p3, 0x44);
        r3 = Avx.Shuffle(p1, p3, 0xEE);
        r4 = Avx.Shuffle(p4, p6, 0x44);
        r5 = Avx.Shuffle(p4, p6, 0xEE);
        r6 = Avx.Shuffle(p5, p7, 0x44);
        r7 = Avx.Shuffle(p5, p7, 0xEE);

        Avx.Permute2x128(r0, r4, 0x20).Store(target);
        Avx.Permute2x128(r1, r5, 0x20).Store(target + targetStride);
        Avx.Permute2x128(r2, r6, 0x20).Store(target + (2 * targetStride));
        Avx.Permute2x128(r3, r7, 0x20).Store(target + (3 * targetStride));
        float* right = target + (4 * targetStride);
        Avx.Permute2x128(r0, r4, 0x31).Store(right);
        Avx.Permute2x128(r1, r5, 0x31).Store(right + targetStride);
        Avx.Permute2x128(r2, r6, 0x31).Store(right + (2 * targetStride));
        Avx.Permute2x128(r3, r7, 0x31).Store(right + (3 * targetStride));
    }

    // Sixteen by sixteen, in whole cache lines: pairs, pairs of pairs, then quarters change places twice.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Whole(float* source, nint stride, float* target, nint targetStride, bool far)
    {
        Vector512<float> r0 = Vector512.Load(source + (0 * stride));
        Vector512<float> r1 = Vector512.Load(source + (1 * stride));
        Vector512<float> r2 = Vector512.Load(source + (2 * stride));
        Vector512<float> r3 = Vector512.Load(source + (3 * stride));
        Four(ref r0, ref r1, ref r2, ref r3);
        Vector512<float> r4 = Vector512.Load(source + (4 * stride));
        Vector512<float> r5 = Vector512.Load(source + (5 * stride));
        Vector512<float> r6 = Vector512.Load(source + (6 * stride));
        Vector512<float> r7 = Vector512.Load(source + (7 * stride));
        Four(ref r4, ref r5, ref r6, ref r7);
        Vector512<float> r8 = Vector512.Load(source + (8 * stride));
        Vector512<float> r9 = Vector512.Load(source + (9 * stride));
        Vector512<float> r10 = Vector512.Load(source + (10 * stride));
        Vector512<float> r11 = Vector512.Load(source + (11 * stride));
        Four(ref r8, ref r9, ref r10, ref r11);
        Vector512<float> r12 = Vector512.Load(source + (12 * stride));
        Vector512<float> r13 = Vector512.Load(source + (13 * stride));
        Vector512<float> r14 = Vector512.Load(source + (14 * stride));
        Vector512<float> r15 = Vector512.Load(source + (15 * stride));
        Four(ref r12, ref r13, ref r14, ref r15);

        Quarters(r0, r4, r8, r12, target + (0 * targetStride), 4 * targetStride, far);
        Quarters(r1, r5, r9, r13, target + (1 * targetStride), 4 * targetStride, far);
        Quarters(r2, r6, r10, r14, target + (2 * targetStride), 4 * targetStride, far);
        Quarters(r3, r7, r11, r15, target + (3 * targetStride), 4 * targetStride, far);
    }

    // Four rows: lane q of the results holds column 4q, 4q + 1, 4q + 2, 4q + 3 of the four.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Four(ref Vector512<float> a, ref Vector512<float> b, ref Vector512<float> c, ref Vector512<float> d)
    {
        Vector512<double> low = Avx512F.UnpackLow(a, b).AsDouble();
        Vector512<double> high = Avx512F.UnpackHigh(a, b).AsDouble();
        Vector512<double> low2 = Avx512F.UnpackLow(c, d).AsDouble();
        Vector512<double> high2 = Avx512F.UnpackHigh(c, d).AsDouble();
        a = Avx512F.UnpackLow(low, low2).AsSingle();
        b = Avx512F.UnpackHigh(low, low2).AsSingle();
        c = Avx512F.UnpackLow(high, high2).AsSingle();
        d = Avx512F.UnpackHigh(high, high2).AsSingle();
    }

    // The four-by-four transposition of quarters: results go to every fourth row of the target.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Quarters(Vector512<float> a, Vector512<float> b, Vector512<float> c, Vector512<float> d, float* target, nint step, bool far)
    {
        Vector512<float> even = Avx512F.Shuffle4x128(a, b, 0x88);
        Vector512<float> odd = Avx512F.Shuffle4x128(a, b, 0xDD);
        Vector512<float> even2 = Avx512F.Shuffle4x128(c, d, 0x88);
        Vector512<float> odd2 = Avx512F.Shuffle4x128(c, d, 0xDD);
        a = Avx512F.Shuffle4x128(even, even2, 0x88);
        b = Avx512F.Shuffle4x128(odd, odd2, 0x88);
        c = Avx512F.Shuffle4x128(even, even2, 0xDD);
        d = Avx512F.Shuffle4x128(odd, odd2, 0xDD);
        if (far)
        {
            a.StoreAlignedNonTemporal(target);
            b.StoreAlignedNonTemporal(target + step);
            c.StoreAlignedNonTemporal(target + (2 * step));
            d.StoreAlignedNonTemporal(target + (3 * step));
            return;
        }

        a.Store(target);
        b.Store(target + step);
        c.Store(target + (2 * step));
        d.Store(target + (3 * step));
    }
}
