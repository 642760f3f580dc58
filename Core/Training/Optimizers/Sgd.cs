using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Fovea.Core.Dispatch;
using Fovea.Core.Tensors;

namespace Fovea.Core.Training;

/// <summary>
/// Stochastic gradient descent, <c>torch.optim.SGD</c>: with g′ = g + λw, v ← μv + (1 − τ)g′ (at the first step v = g′), and
/// u = v, or g′ + μv with Nesterov's momentum: w ← w − η u. Note that the learning rate multiplies the momentum as a whole.
/// </summary>
public sealed class Sgd : Optimizer
{
    private readonly double momentum;
    private readonly double dampening;
    private readonly bool nesterov;

    /// <summary>Stochastic gradient descent.</summary>
    /// <param name="learningRate">The learning rate η.</param>
    /// <param name="momentum">The momentum μ, 0 or more; 0 unless given.</param>
    /// <param name="weightDecay">The weight decay λ, added to the gradient; 0 unless given.</param>
    /// <param name="nesterov">Whether the momentum is Nesterov's; it needs a momentum and no dampening.</param>
    /// <param name="dampening">The dampening τ; 0 unless given.</param>
    public Sgd(Real learningRate, Real momentum = default, Real weightDecay = default, bool nesterov = false, Real dampening = default)
        : base(learningRate.Or(1e-3), weightDecay.Or(0))
    {
        this.momentum = Check.NotNegative(nameof(Sgd), nameof(momentum), momentum.Or(0));
        this.dampening = dampening.Or(0);
        this.nesterov = nesterov;
        if (nesterov && (this.momentum == 0 || this.dampening != 0))
        {
            throw new ArgumentException("Sgd: Nesterov's momentum needs a momentum above 0 and no dampening; give momentum = 0.9", nameof(nesterov));
        }
    }

    internal override Slot Open(Parameter parameter, double weightDecay, Workers workers)
    {
        Rule rule = new(momentum, dampening, nesterov);
        return momentum == 0 ? new ElementSlot<Rule>(parameter, weightDecay, rule) : new ElementSlot<Rule>(parameter, weightDecay, rule, "momentum");
    }

    private protected override Description Describe() =>
        new Description(nameof(Sgd)).Add(LearningRate)
            .Add(nameof(momentum), momentum, 0)
            .Add("weightDecay", WeightDecay, 0)
            .Add(nameof(nesterov), nesterov, false)
            .Add(nameof(dampening), dampening, 0);

    private struct Rule(double momentum, double dampening, bool nesterov) : IElementRule
    {
        private Vector512<float> rate;
        private Vector512<float> decay;
        private Vector512<float> keep;
        private Vector512<float> take;

        public readonly bool HasMomentum => momentum != 0;

        public void Prepare(long step, double rate, double weightDecay, double? momentum1)
        {
            this.rate = Vector512.Create((float)rate);
            decay = Vector512.Create((float)weightDecay);
            keep = Vector512.Create((float)(momentum1 ?? momentum));
            take = Vector512.Create((float)(step == 1 ? 1 : 1 - dampening));
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public readonly void Update(ref Vector512<float> w, Vector512<float> g, ref Vector512<float> v, ref Vector512<float> b, ref Vector512<float> c)
        {
            Vector512<float> u = g + (decay * w);
            if (momentum != 0)
            {
                v = (keep * v) + (take * u);
                u = nesterov ? u + (keep * v) : v;
            }

            w -= rate * u;
        }
    }
}
