using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Fovea.Core.Training;

/// <summary>w ← w + share · (g − w): one step of an average w towards g.</summary>
internal struct BlendRule(double share) : IElementRule
{
    private readonly Vector512<float> share = Vector512.Create((float)share);

    public readonly bool HasMomentum => false;

    public readonly void Prepare(long step, double rate, double weightDecay, double? momentum) { }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly void Update(ref Vector512<float> w, Vector512<float> g, ref Vector512<float> a, ref Vector512<float> b, ref Vector512<float> c) =>
        w += share * (g - w);
}
