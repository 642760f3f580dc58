using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Fovea.Core.Kernels.Layouts;

/// <summary>Transposition of small squares, in registers.</summary>
public static unsafe class Transpose
{
    /// <summary>target[j][i] = source[i][j] for a square of sixteen; rows begin a stride apart.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Square(float* source, long sourceStride, float* target, long targetStride)
    {
        for (int i = 0; i < 16; i += 4)
        {
            for (int j = 0; j < 16; j += 4)
            {
                Quarter(source + (i * sourceStride) + j, sourceStride, target + (j * targetStride) + i, targetStride);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Quarter(float* source, long sourceStride, float* target, long targetStride)
    {
        Vector128<float> a = Vector128.Load(source);
        Vector128<float> b = Vector128.Load(source + sourceStride);
        Vector128<float> c = Vector128.Load(source + (2 * sourceStride));
        Vector128<float> d = Vector128.Load(source + (3 * sourceStride));
        Vector128<float> ac0 = Interleave(a, c, 0), ac1 = Interleave(a, c, 2);
        Vector128<float> bd0 = Interleave(b, d, 0), bd1 = Interleave(b, d, 2);
        Interleave(ac0, bd0, 0).Store(target);
        Interleave(ac0, bd0, 2).Store(target + targetStride);
        Interleave(ac1, bd1, 0).Store(target + (2 * targetStride));
        Interleave(ac1, bd1, 2).Store(target + (3 * targetStride));
    }

    // (a₀ b₀ a₁ b₁) for from = 0, (a₂ b₂ a₃ b₃) for from = 2.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<float> Interleave(Vector128<float> a, Vector128<float> b, int from) =>
        System.Runtime.Intrinsics.X86.Sse.IsSupported
            ? from == 0 ? System.Runtime.Intrinsics.X86.Sse.UnpackLow(a, b) : System.Runtime.Intrinsics.X86.Sse.UnpackHigh(a, b)
            : Vector128.Create(a[from], b[from], a[from + 1], b[from + 1]);
}
