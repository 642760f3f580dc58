using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Fovea.Core.Dispatch;
using Fovea.Core.Tensors;

namespace Fovea.Core.Training;

/// <summary>
/// RMSprop, <c>torch.optim.RMSprop</c>: v ← αv + (1 − α)g², u = g/(√v + ε), w ← w − ηu; with momentum b ← μb + u, w ← w − ηb;
/// centered, √(v − m²) takes the place of √v, m ← αm + (1 − α)g (Hinton's lecture 6 of 2012; centered: Graves 2013).
/// </summary>
public sealed class RmsProp : Optimizer
{
    private readonly double alpha;
    private readonly double epsilon;
    private readonly double momentum;
    private readonly bool centered;

    /// <summary>RMSprop.</summary>
    /// <param name="learningRate">The learning rate η; 0.01 unless given.</param>
    /// <param name="alpha">The share α of the old mean; 0.99 unless given.</param>
    /// <param name="epsilon">What keeps the divisor from 0, ε; 10⁻⁸ unless given.</param>
    /// <param name="weightDecay">The weight decay, added to the gradient; 0 unless given.</param>
    /// <param name="momentum">The momentum μ; 0 unless given.</param>
    /// <param name="centered">Whether the variance of the gradient is used, not its mean square.</param>
    public RmsProp(Real learningRate = default, Real alpha = default, Real epsilon = default, Real weightDecay = default, Real momentum = default, bool centered = false)
        : base(learningRate.Or(1e-2), weightDecay.Or(0))
    {
        this.alpha = Check.Share(nameof(RmsProp), nameof(alpha), alpha.Or(0.99));
        this.epsilon = Check.NotNegative(nameof(RmsProp), nameof(epsilon), epsilon.Or(1e-8));
        this.momentum = Check.NotNegative(nameof(RmsProp), nameof(momentum), momentum.Or(0));
        this.centered = centered;
    }

    internal override Slot Open(Parameter parameter, double weightDecay, Workers workers)
    {
        Rule rule = new(alpha, epsilon, momentum, centered);
        return (momentum != 0, centered) switch
        {
            (false, false) => new ElementSlot<Rule>(parameter, weightDecay, rule, "square"),
            (true, false) => new ElementSlot<Rule>(parameter, weightDecay, rule, "square", "momentum"),
            (false, true) => new ElementSlot<Rule>(parameter, weightDecay, rule, "square", "mean"),
            (true, true) => new ElementSlot<Rule>(parameter, weightDecay, rule, "square", "mean", "momentum"),
        };
    }

    private protected override Description Describe() =>
        new Description(nameof(RmsProp)).Add(LearningRate)
            .Add(nameof(alpha), alpha, 0.99)
            .Add(nameof(epsilon), epsilon, 1e-8)
            .Add("weightDecay", WeightDecay, 0)
            .Add(nameof(momentum), momentum, 0)
            .Add(nameof(centered), centered, false);

    private struct Rule(double alpha, double epsilon, double momentum, bool centered) : IElementRule
    {
        private readonly Vector512<float> epsilon = Vector512.Create((float)epsilon);
        private readonly Vector512<float> old = Vector512.Create((float)alpha);
        private readonly Vector512<float> now = Vector512.Create((float)(1 - alpha));
        private Vector512<float> rate;
        private Vector512<float> decay;
        private Vector512<float> keep;

        public readonly bool HasMomentum => momentum != 0;

        public void Prepare(long step, double rate, double weightDecay, double? momentum1)
        {
            this.rate = Vector512.Create((float)rate);
            decay = Vector512.Create((float)weightDecay);
            keep = Vector512.Create((float)(momentum1 ?? momentum));
        }

        /// <remarks>The mean, where there is one, comes before the momentum.</remarks>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public readonly void Update(ref Vector512<float> w, Vector512<float> g, ref Vector512<float> v, ref Vector512<float> second, ref Vector512<float> third)
        {
            g += decay * w;
            v = (old * v) + (now * g * g);
            Vector512<float> variance = v;
            if (centered)
            {
                second = (old * second) + (now * g);
                variance -= second * second;
            }

            Vector512<float> u = g / (Vector512.Sqrt(variance) + epsilon);
            if (momentum != 0)
            {
                ref Vector512<float> b = ref centered ? ref third : ref second;
                b = (keep * b) + u;
                u = b;
            }

            w -= rate * u;
        }
    }
}
