using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Fovea.Core.Dispatch;
using Fovea.Core.Tensors;

namespace Fovea.Core.Training;

/// <summary>
/// Lion: u = sign(β₁m + (1 − β₁)g), w ← w − η(u + λw), m ← β₂m + (1 − β₂)g (Chen et al., "Symbolic discovery of optimization
/// algorithms", 2023). Every weight moves by η, so η is to be 3 to 10 times smaller than Adam's, and λ as much larger.
/// </summary>
public sealed class Lion : Optimizer
{
    private readonly double beta1;
    private readonly double beta2;

    /// <summary>Lion.</summary>
    /// <param name="learningRate">The learning rate η; 0.0001 unless given.</param>
    /// <param name="beta1">The share β₁ of the momentum in a step; 0.9 unless given.</param>
    /// <param name="beta2">The share β₂ of the old momentum in the new; 0.99 unless given.</param>
    /// <param name="weightDecay">The weight decay λ; 0 unless given.</param>
    public Lion(Real learningRate = default, Real beta1 = default, Real beta2 = default, Real weightDecay = default)
        : base(learningRate.Or(1e-4), weightDecay.Or(0))
    {
        this.beta1 = Check.Fraction(nameof(Lion), nameof(beta1), beta1.Or(0.9));
        this.beta2 = Check.Fraction(nameof(Lion), nameof(beta2), beta2.Or(0.99));
    }

    internal override Slot Open(Parameter parameter, double weightDecay, Workers workers) =>
        new ElementSlot<Rule>(parameter, weightDecay, new(beta1, beta2), "momentum");

    private protected override Description Describe() =>
        new Description(nameof(Lion)).Add(LearningRate)
            .Add(nameof(beta1), beta1, 0.9)
            .Add(nameof(beta2), beta2, 0.99)
            .Add("weightDecay", WeightDecay, 0);

    private struct Rule(double beta1, double beta2) : IElementRule
    {
        private readonly Vector512<float> keep2 = Vector512.Create((float)beta2);
        private readonly Vector512<float> take2 = Vector512.Create((float)(1 - beta2));
        private Vector512<float> keep1;
        private Vector512<float> take1;
        private Vector512<float> rate;
        private Vector512<float> decay;

        public readonly bool HasMomentum => true;

        public void Prepare(long step, double rate, double weightDecay, double? momentum)
        {
            this.rate = Vector512.Create((float)rate);
            decay = Vector512.Create((float)(1 - (rate * weightDecay)));
            keep1 = Vector512.Create((float)(momentum ?? beta1));
            take1 = Vector512.Create((float)(1 - (momentum ?? beta1)));
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public readonly void Update(ref Vector512<float> w, Vector512<float> g, ref Vector512<float> m, ref Vector512<float> b, ref Vector512<float> c)
        {
            Vector512<float> u = (keep1 * m) + (take1 * g);
            Vector512<float> zero = Vector512<float>.Zero;
            Vector512<float> signed = Vector512.CopySign(rate, u);
            // What is neither above nor below 0 is 0 or NaN: it is its own sign.
            Vector512<float> moved = Vector512.ConditionalSelect(Vector512.GreaterThan(u, zero) | Vector512.LessThan(u, zero), signed, u);
            w = (w * decay) - moved;
            m = (keep2 * m) + (take2 * g);
        }
    }
}
