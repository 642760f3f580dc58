using Fovea.Core.Shapes;

namespace Fovea.Core.Training;

/// <summary>
/// Binary cross-entropy on logits, <c>torch.nn.BCEWithLogitsLoss</c>: −(w t log σ(z) + (1 − t) log(1 − σ(z))), t in 0..1.
/// Its derivative is (1 − t) σ(z) − w t (1 − σ(z)). Computed from log(1 + exp(−|z|)), so that nothing overflows.
/// </summary>
public sealed class BinaryCrossEntropy : ElementwiseLoss
{
    private readonly float[]? positiveWeights;

    /// <summary>Binary cross-entropy on logits.</summary>
    /// <param name="positiveWeights">The weight w of the positive answer, for each class (axis 1); 1 unless given.</param>
    /// <param name="reduction">Mean over all elements, sum, or sum over the number of images.</param>
    public BinaryCrossEntropy(IEnumerable<float>? positiveWeights = null, Reduction reduction = Reduction.Mean)
        : base("binary cross-entropy", reduction) => this.positiveWeights = positiveWeights?.ToArray();

    /// <summary>As it is typed.</summary>
    public override string ToString()
    {
        Description typed = new(nameof(BinaryCrossEntropy));
        if (positiveWeights is not null)
        {
            typed.Add($"positiveWeights = {Description.Written(positiveWeights)}");
        }

        return typed.Add("reduction", Reduction, Reduction.Mean).ToString();
    }

    private protected override void CheckShape(Shape shape)
    {
        if (positiveWeights is not null && (shape.Rank < 2 || shape[1] != positiveWeights.Length))
        {
            throw new ShapeException(Name, $"expected outputs (batch, {positiveWeights.Length}, …), a class for each weight, got {shape}", "give as many weights as the network has outputs");
        }
    }

    private protected override (double Loss, double Slope) At(double output, double target, int channel)
    {
        double weight = positiveWeights is null ? 1 : positiveWeights[channel];
        double small = Math.Exp(-Math.Abs(output));
        double minusLogSigmoid = Math.Max(-output, 0) + Log1p(small); // NaN stays NaN.
        double sigmoid = output >= 0 ? 1 / (1 + small) : small / (1 + small);
        double otherwise = output >= 0 ? small / (1 + small) : 1 / (1 + small);
        double loss = ((1 - target) * output) + ((1 + ((weight - 1) * target)) * minusLogSigmoid);
        return (loss, ((1 - target) * sigmoid) - (weight * target * otherwise));
    }

    // Kahan's log(1 + x): what rounding takes from 1 + x is given back as a factor.
    private static double Log1p(double x)
    {
        double sum = 1 + x;
        return sum == 1 ? x : Math.Log(sum) * (x / (sum - 1));
    }
}
