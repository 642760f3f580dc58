using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Fovea.Core.Kernels;

/// <summary>Sixteen lanes.</summary>
internal unsafe struct Lanes512 : ILanes<Lanes512>
{
    private Vector512<float> value;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private Lanes512(Vector512<float> value) => this.value = value;

    /// <inheritdoc/>
    public static int Count
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => 16;
    }

    /// <inheritdoc/>
    public static Lanes512 Zero
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => new(Vector512<float>.Zero);
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512 Load(float* source) => new(Vector512.Load(source));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512 From(int lane) => new((Vector512<int>.Indices + Vector512.Create(lane)).AsSingle());

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512 Between(Lanes512 low, Lanes512 high, Lanes512 lanes, float* source) =>
        new(Avx512F.IsSupported ? Avx512F.PermuteVar16x32x2(low.value, lanes.value.AsInt32(), high.value) : Vector512.Load(source));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512 Since(Lanes512 a, int lane) =>
        new(Vector512.ConditionalSelect(Vector512.GreaterThanOrEqual(Vector512<int>.Indices, Vector512.Create(lane)).AsSingle(), a.value, Vector512<float>.Zero));

    /// <summary>All bits of the first lanes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512 First(int count) => new(Vector512.LessThan(Vector512<int>.Indices, Vector512.Create(count)).AsSingle());

    /// <summary>Reads the lanes whose bits are all set; zero in the others, whose memory is not touched.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512 Load(float* source, Lanes512 mask) => new(Avx512F.MaskLoad(source, mask.value, Vector512<float>.Zero));

    /// <summary>Bit by bit.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512 operator &(Lanes512 a, Lanes512 b) => new(a.value & b.value);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512 Broadcast(float value) => new(Vector512.Create(value));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512 MultiplyAdd(Lanes512 a, Lanes512 b, Lanes512 c) => new(Vector512.MultiplyAddEstimate(a.value, b.value, c.value));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Accumulate(ref Lanes512 sum, Lanes512 a, Lanes512 b) => sum.value = Vector512.MultiplyAddEstimate(a.value, b.value, sum.value);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Sum(Lanes512 a) => Vector512.Sum(a.value);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512 Relu(Lanes512 a) =>
        new(Vector512.ConditionalSelect(Vector512.LessThan(a.value, Vector512<float>.Zero), Vector512<float>.Zero, a.value));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Interleave(ref Lanes512 a, ref Lanes512 b, ref Lanes512 c, ref Lanes512 d)
    {
        Vector512<int> low = Vector512.Create(0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
        Vector512<int> high = low + Vector512.Create(8);
        Vector512<long> pairs = Vector512.Create(0L, 8, 1, 9, 2, 10, 3, 11);
        Vector512<long> later = pairs + Vector512.Create(4L);
        Vector512<double> ab = Avx512F.PermuteVar16x32x2(a.value, low, b.value).AsDouble();
        Vector512<double> ab2 = Avx512F.PermuteVar16x32x2(a.value, high, b.value).AsDouble();
        Vector512<double> cd = Avx512F.PermuteVar16x32x2(c.value, low, d.value).AsDouble();
        Vector512<double> cd2 = Avx512F.PermuteVar16x32x2(c.value, high, d.value).AsDouble();
        a = new(Avx512F.PermuteVar8x64x2(ab, pairs, cd).AsSingle());
        b = new(Avx512F.PermuteVar8x64x2(ab, later, cd).AsSingle());
        c = new(Avx512F.PermuteVar8x64x2(ab2, pairs, cd2).AsSingle());
        d = new(Avx512F.PermuteVar8x64x2(ab2, later, cd2).AsSingle());
    }

    /// <summary>Of two vectors in a row, the lanes with an even number and those with an odd one.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Unzip(ref Lanes512 a, ref Lanes512 b)
    {
        Vector512<int> even = Vector512<int>.Indices + Vector512<int>.Indices;
        Vector512<float> first = Avx512F.PermuteVar16x32x2(a.value, even, b.value);
        b = new(Avx512F.PermuteVar16x32x2(a.value, even + Vector512<int>.One, b.value));
        a = new(first);
    }

    /// <summary>The other way round.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Zip(ref Lanes512 even, ref Lanes512 odd)
    {
        Vector512<int> low = Vector512.Create(0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
        Vector512<float> first = Avx512F.PermuteVar16x32x2(even.value, low, odd.value);
        odd = new(Avx512F.PermuteVar16x32x2(even.value, low + Vector512.Create(8), odd.value));
        even = new(first);
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512 operator +(Lanes512 a, Lanes512 b) => new(a.value + b.value);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512 operator -(Lanes512 a, Lanes512 b) => new(a.value - b.value);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512 operator *(Lanes512 a, Lanes512 b) => new(a.value * b.value);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly void Store(float* target) => value.Store(target);

    /// <summary>Writes the lanes whose bits are all set in a mask; the memory of the others is not touched.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly void Store(float* target, Lanes512 mask) => Avx512F.MaskStore(target, mask.value, value);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly void StoreFar(float* target) => value.StoreAlignedNonTemporal(target);
}
