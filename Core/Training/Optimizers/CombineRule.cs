using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Fovea.Core.Training;

/// <summary>w ← a·g + b·w.</summary>
internal readonly struct CombineRule(float a, float b) : IElementRule
{
    private readonly Vector512<float> ofGiven = Vector512.Create(a);
    private readonly Vector512<float> ofOwn = Vector512.Create(b);

    public bool HasMomentum => false;

    public void Prepare(long step, double rate, double weightDecay, double? momentum) { }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Update(ref Vector512<float> w, Vector512<float> g, ref Vector512<float> a, ref Vector512<float> b, ref Vector512<float> c) =>
        w = (ofGiven * g) + (ofOwn * w);
}
