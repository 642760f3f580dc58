using Fovea.Core.Dispatch;
using Fovea.Core.Tensors;

namespace Fovea.Core.Training;

/// <summary>
/// Adam with decoupled weight decay, <c>torch.optim.AdamW</c> (Loshchilov and Hutter, "Decoupled weight decay
/// regularization", 2019): w ← w − ηλw before Adam's own step.
/// </summary>
public sealed class AdamW : Optimizer
{
    private readonly double beta1;
    private readonly double beta2;
    private readonly double epsilon;
    private readonly bool amsgrad;

    /// <summary>AdamW.</summary>
    /// <param name="learningRate">The learning rate η; 0.001 unless given.</param>
    /// <param name="beta1">The share β₁ of the old mean of gradients; 0.9 unless given.</param>
    /// <param name="beta2">The share β₂ of the old mean of their squares; 0.999 unless given.</param>
    /// <param name="epsilon">What keeps the divisor from 0, ε; 10⁻⁸ unless given.</param>
    /// <param name="weightDecay">The weight decay λ; 0.01 unless given, as in PyTorch.</param>
    /// <param name="amsgrad">Whether the largest mean of squares so far is used (Reddi et al. 2018).</param>
    public AdamW(Real learningRate = default, Real beta1 = default, Real beta2 = default, Real epsilon = default, Real weightDecay = default, bool amsgrad = false)
        : base(learningRate.Or(1e-3), weightDecay.Or(0.01))
    {
        this.beta1 = Check.Fraction(nameof(AdamW), nameof(beta1), beta1.Or(0.9));
        this.beta2 = Check.Fraction(nameof(AdamW), nameof(beta2), beta2.Or(0.999));
        this.epsilon = Check.NotNegative(nameof(AdamW), nameof(epsilon), epsilon.Or(1e-8));
        this.amsgrad = amsgrad;
    }

    internal override Slot Open(Parameter parameter, double weightDecay, Workers workers)
    {
        AdamRule rule = new(beta1, beta2, epsilon, amsgrad, decoupled: true);
        return amsgrad
            ? new ElementSlot<AdamRule>(parameter, weightDecay, rule, "mean", "square", "largestSquare")
            : new ElementSlot<AdamRule>(parameter, weightDecay, rule, "mean", "square");
    }

    private protected override Description Describe() =>
        new Description(nameof(AdamW)).Add(LearningRate)
            .Add(nameof(beta1), beta1, 0.9)
            .Add(nameof(beta2), beta2, 0.999)
            .Add(nameof(epsilon), epsilon, 1e-8)
            .Add("weightDecay", WeightDecay, 0.01)
            .Add(nameof(amsgrad), amsgrad, false);
}
