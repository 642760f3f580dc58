using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Fovea.Core.Shapes;

namespace Fovea.Core.Kernels.Resampling;

/// <summary>Sixteen floats, or as many of them as are left of a row: the memory of the others is not touched.</summary>
internal static unsafe class Sixteen
{
    /// <summary>Reads them; zeros for the others.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Load(float* from, int left) =>
        left >= AxisTaps.Lanes ? Vector512.Load(from)
        : Avx512F.IsSupported ? Avx512F.MaskLoad(from, First(left), Vector512<float>.Zero)
        : LoadSome(from, left);

    /// <summary>Writes them.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Vector512<float> value, float* to, int left)
    {
        if (left >= AxisTaps.Lanes)
        {
            value.Store(to);
        }
        else if (Avx512F.IsSupported)
        {
            Avx512F.MaskStore(to, First(left), value);
        }
        else
        {
            StoreSome(value, to, left);
        }
    }

    /// <summary>All bits of the first lanes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> First(int count) => Vector512.LessThan(Vector512<int>.Indices, Vector512.Create(count)).AsSingle();

    private static Vector512<float> LoadSome(float* from, int left)
    {
        float* some = stackalloc float[AxisTaps.Lanes];
        new Span<float>(from, left).CopyTo(new(some, left));
        return Vector512.Load(some);
    }

    private static void StoreSome(Vector512<float> value, float* to, int left)
    {
        float* some = stackalloc float[AxisTaps.Lanes];
        value.Store(some);
        new Span<float>(some, left).CopyTo(new(to, left));
    }
}
