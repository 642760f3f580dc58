using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Fovea.Core.Kernels;

/// <summary>
/// Which of the generated kernels this machine runs. The properties are constants to the compiler, so that a branch on
/// them costs nothing.
/// </summary>
internal static class InstructionSet
{
    /// <summary>Whether vectors of sixteen floats are full speed (AVX-512).</summary>
    public static bool Is512
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Vector512.IsHardwareAccelerated;
    }

    /// <summary>Whether vectors of eight floats are (AVX2 with FMA); otherwise vectors of four are used.</summary>
    public static bool Is256
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Vector256.IsHardwareAccelerated && Fma.IsSupported;
    }

    /// <summary>Multiply-adds a cycle that the widest kernels can reach: what costs are reckoned with.</summary>
    public static double MacsPerCycle => Is512 ? 32 : Is256 ? 16 : Fma.IsSupported || Vector128.IsHardwareAccelerated && !X86Base.IsSupported ? 8 : 4;
}
