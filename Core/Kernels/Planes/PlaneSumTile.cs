using System.Runtime.CompilerServices;

namespace Fovea.Core.Kernels.Planes;

/// <summary>Adds the products of bordered source rows and gradient rows to sums, a vector for each tap of the window.</summary>
[SkipLocalsInit]
internal static unsafe partial class PlaneSumTile
{
    /// <summary>Rows whose loads of sources are shared.</summary>
    public const int Rows = 4;

    /// <summary>Taps that one walk over the pixels sums.</summary>
    public const int Taps = 8;
}
