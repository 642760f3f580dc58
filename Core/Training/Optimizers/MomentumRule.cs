using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Fovea.Core.Training;

/// <summary>m ← keep·m + take·g, and u = take·g + keep·m with Nesterov's momentum, m without: w is u, a is m.</summary>
internal readonly struct MomentumRule(float keep, float take, bool nesterov) : IElementRule
{
    private readonly Vector512<float> keep = Vector512.Create(keep);
    private readonly Vector512<float> take = Vector512.Create(take);

    public bool HasMomentum => true;

    public void Prepare(long step, double rate, double weightDecay, double? momentum) { }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Update(ref Vector512<float> w, Vector512<float> g, ref Vector512<float> a, ref Vector512<float> b, ref Vector512<float> c)
    {
        a = (keep * a) + (take * g);
        w = nesterov ? (take * g) + (keep * a) : a;
    }
}
