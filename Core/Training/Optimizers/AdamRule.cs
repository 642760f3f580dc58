using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Fovea.Core.Training;

/// <summary>
/// m ← β₁m + (1 − β₁)g, v ← β₂v + (1 − β₂)g², w ← w − η/(1 − β₁ᵗ) · m / (√v/√(1 − β₂ᵗ) + ε); AMSGrad takes the largest v
/// so far. Weight decay goes into the gradient, g + λw (Adam), or straight to the weights, w − ηλw, before the rest (AdamW).
/// </summary>
internal struct AdamRule(double beta1, double beta2, double epsilon, bool amsgrad, bool decoupled) : IElementRule
{
    private readonly Vector512<float> epsilon = Vector512.Create((float)epsilon);
    private readonly Vector512<float> keep2 = Vector512.Create((float)beta2);
    private readonly Vector512<float> take2 = Vector512.Create((float)(1 - beta2));
    private Vector512<float> keep1;
    private Vector512<float> take1;
    private Vector512<float> rate;
    private Vector512<float> root;
    private Vector512<float> decay;

    public readonly bool HasMomentum => true;

    public void Prepare(long step, double rate, double weightDecay, double? momentum)
    {
        double beta = momentum ?? beta1;
        keep1 = Vector512.Create((float)beta);
        take1 = Vector512.Create((float)(1 - beta));
        this.rate = Vector512.Create((float)(rate / (1 - Math.Pow(beta, step))));
        root = Vector512.Create((float)Math.Sqrt(1 - Math.Pow(beta2, step)));
        decay = Vector512.Create((float)(decoupled ? 1 - (rate * weightDecay) : weightDecay));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly void Update(ref Vector512<float> w, Vector512<float> g, ref Vector512<float> m, ref Vector512<float> v, ref Vector512<float> largest)
    {
        if (decoupled)
        {
            w *= decay;
        }
        else
        {
            g += decay * w;
        }

        m = (keep1 * m) + (take1 * g);
        v = (keep2 * v) + (take2 * g * g);
        Vector512<float> size = v;
        if (amsgrad)
        {
            largest = Vector512.Max(largest, v);
            size = largest;
        }

        w -= rate * m / ((Vector512.Sqrt(size) / root) + epsilon);
    }
}
