using System.Numerics;
using Fovea.Core.Shapes;

namespace Fovea.Core.Training;

/// <summary>
/// The divergence of the outputs' distribution from the targets', Σₖ tₖ (log tₖ − log pₖ) with p = softmax z over axis 1:
/// <c>torch.nn.KLDivLoss</c> of <c>log_softmax(z, 1)</c>; its derivative is pₖ Σⱼ tⱼ − tₖ. Outputs N×K or N×K×…; outputs
/// that are log-probabilities already stay what they are under log-softmax. A target of 0 counts 0.
/// </summary>
/// <remarks>
/// As in PyTorch, Mean divides by the number of elements, K times too small for the divergence proper:
/// ask for <see cref="Reduction.BatchMean"/> where its size matters.
/// </remarks>
public sealed class KlDivergence : Loss
{
    private readonly bool logTargets;
    private readonly Reduction reduction;

    /// <summary>The Kullback–Leibler divergence.</summary>
    /// <param name="logTargets">Whether targets are log-probabilities.</param>
    /// <param name="reduction">Mean over all elements, sum, or sum over the number of images.</param>
    public KlDivergence(bool logTargets = false, Reduction reduction = Reduction.Mean)
        : base("kl divergence")
    {
        this.logTargets = logTargets;
        this.reduction = reduction;
    }

    /// <summary>As it is typed.</summary>
    public override string ToString() =>
        new Description(nameof(KlDivergence)).Add(nameof(logTargets), logTargets, false).Add(nameof(reduction), reduction, Reduction.Mean).ToString();

    private protected override double Compute<T>(ReadOnlySpan<T> outputs, Shape shape, Targets targets, Span<T> gradient)
    {
        (int images, int classes, int places) = Axes(shape);
        ReadOnlySpan<float> values = ValuesLike(shape, targets);
        double divisor = reduction switch { Reduction.Mean => outputs.Length, Reduction.BatchMean => images, _ => 1 };
        double sum = 0;
        for (int row = 0; row < images * places; row++)
        {
            int first = ((row / places) * classes * places) + (row % places);
            LogSumExp normalizer = LogSumExp.Of(outputs, first, places, classes);
            double mass = 0;
            for (int k = 0; k < classes; k++)
            {
                int at = first + (k * places);
                (double t, double logarithm) = Target(values[at]);
                mass += t;
                double logProbability = normalizer.LogProbability(double.CreateTruncating(outputs[at]));
                sum += logTargets ? t * (logarithm - logProbability) : logarithm - (t * logProbability);
            }

            for (int k = 0; !gradient.IsEmpty && k < classes; k++)
            {
                int at = first + (k * places);
                double p = Math.Exp(normalizer.LogProbability(double.CreateTruncating(outputs[at])));
                gradient[at] = T.CreateTruncating(((p * mass) - Target(values[at]).Value) / divisor);
            }
        }

        return sum / divisor;
    }

    // Beside a probability t comes t·log t (0 at 0); beside exp(l), l.
    private (double Value, double Logarithm) Target(double given) =>
        logTargets ? (Math.Exp(given), given) : (given, given == 0 ? 0 : given * Math.Log(given));
}
