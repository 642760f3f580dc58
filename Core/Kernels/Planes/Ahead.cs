using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace Fovea.Core.Kernels.Planes;

/// <summary>
/// Fetches what the next plane needs while this one is computed: planes are short, so that the processor's own foresight
/// would begin anew with every one.
/// </summary>
internal static unsafe class Ahead
{
    /// <summary>Fetches the cache lines of four vectors, and moves on behind them.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Fetch<T>(ref float* next)
        where T : struct, ILanes<T>
    {
        if (Sse.IsSupported)
        {
            Sse.Prefetch0(next);
            if (T.Count > 4)
            {
                Sse.Prefetch0(next + 16);
            }

            if (T.Count > 8)
            {
                Sse.Prefetch0(next + 32);
                Sse.Prefetch0(next + 48);
            }
        }

        next += 4 * T.Count;
    }
}
