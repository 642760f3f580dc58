using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Fovea.Core.Dispatch;
using Fovea.Core.Tensors;

namespace Fovea.Core.Training;

/// <summary>
/// Adagrad, <c>torch.optim.Adagrad</c>: s ← s + g², w ← w − η/(1 + (t − 1)d) · g/(√s + ε)
/// (Duchi, Hazan and Singer, "Adaptive subgradient methods", 2011).
/// </summary>
public sealed class Adagrad : Optimizer
{
    private readonly double rateDecay;
    private readonly double initial;
    private readonly double epsilon;

    /// <summary>Adagrad.</summary>
    /// <param name="learningRate">The learning rate η; 0.01 unless given.</param>
    /// <param name="rateDecay">The decay d of the learning rate (lr_decay); 0 unless given.</param>
    /// <param name="weightDecay">The weight decay, added to the gradient; 0 unless given.</param>
    /// <param name="initial">What the sums s begin with (initial_accumulator_value); 0 unless given.</param>
    /// <param name="epsilon">What keeps the divisor from 0, ε; 10⁻¹⁰ unless given.</param>
    public Adagrad(Real learningRate = default, Real rateDecay = default, Real weightDecay = default, Real initial = default, Real epsilon = default)
        : base(learningRate.Or(1e-2), weightDecay.Or(0))
    {
        this.rateDecay = Check.NotNegative(nameof(Adagrad), nameof(rateDecay), rateDecay.Or(0));
        this.initial = Check.NotNegative(nameof(Adagrad), nameof(initial), initial.Or(0));
        this.epsilon = Check.NotNegative(nameof(Adagrad), nameof(epsilon), epsilon.Or(1e-10));
    }

    internal override Slot Open(Parameter parameter, double weightDecay, Workers workers)
    {
        Slot slot = new ElementSlot<Rule>(parameter, weightDecay, new(rateDecay, epsilon), "sum");
        Array.Fill(slot.State[0], (float)initial);
        return slot;
    }

    private protected override Description Describe() =>
        new Description(nameof(Adagrad)).Add(LearningRate)
            .Add(nameof(rateDecay), rateDecay, 0)
            .Add("weightDecay", WeightDecay, 0)
            .Add(nameof(initial), initial, 0)
            .Add(nameof(epsilon), epsilon, 1e-10);

    private struct Rule(double rateDecay, double epsilon) : IElementRule
    {
        private readonly Vector512<float> epsilon = Vector512.Create((float)epsilon);
        private Vector512<float> rate;
        private Vector512<float> decay;

        public readonly bool HasMomentum => false;

        public void Prepare(long step, double rate, double weightDecay, double? momentum)
        {
            this.rate = Vector512.Create((float)(rate / (1 + ((step - 1) * rateDecay))));
            decay = Vector512.Create((float)weightDecay);
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public readonly void Update(ref Vector512<float> w, Vector512<float> g, ref Vector512<float> s, ref Vector512<float> b, ref Vector512<float> c)
        {
            g += decay * w;
            s += g * g;
            w -= rate * g / (Vector512.Sqrt(s) + epsilon);
        }
    }
}
