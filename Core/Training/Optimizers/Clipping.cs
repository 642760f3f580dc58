using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Fovea.Core.Training;

/// <summary>
/// What becomes of a gradient before a step: g · factor, held within ±limit. It is done where the gradient is read, so that
/// nobody's gradient is written to.
/// </summary>
internal readonly struct Clipping(double factor, double limit)
{
    private readonly Vector512<float> factor = Vector512.Create((float)factor);
    private readonly Vector512<float> limit = Vector512.Create((float)limit);

    public static Clipping None { get; } = new(1, double.PositiveInfinity);

    /// <summary>NaN stays NaN.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Vector512<float> Of(Vector512<float> g) => Vector512.Max(Vector512.Min(g * factor, limit), -limit);

    public float Of(float g) => Math.Max(Math.Min(g * factor[0], limit[0]), -limit[0]);
}
