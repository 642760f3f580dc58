using System.Numerics;
using Fovea.Core.Shapes;

namespace Fovea.Core.Training;

/// <summary>
/// Cross-entropy on logits, <c>torch.nn.CrossEntropyLoss</c>: with p = softmax z over axis 1 and t the target
/// distribution, L = −Σₖ wₖ tₖ log pₖ and dL/dzₖ = pₖ Σⱼ wⱼ tⱼ − wₖ tₖ.
/// Outputs N×K or N×K×…; targets are labels (N, or N×…) or probabilities in the outputs' shape.
/// </summary>
/// <remarks>
/// Smoothing ε takes (1 − ε) t + ε/K for t (Szegedy et al., "Rethinking the Inception architecture", 2016). The mean over
/// labels divides by the weights of the labels that count, Σ w[label]; over probabilities, by the number of rows.
/// If every label is ignored, the mean is 0/0 = NaN, and the gradient 0.
/// </remarks>
public sealed class CrossEntropy : Loss
{
    private readonly double smoothing;
    private readonly float[]? weights;
    private readonly int ignoredIndex;
    private readonly Reduction reduction;

    /// <summary>Cross-entropy.</summary>
    /// <param name="smoothing">Label smoothing ε, 0..1; 0 unless given.</param>
    /// <param name="weights">A weight for each class; 1 unless given.</param>
    /// <param name="ignoredIndex">The label of places that do not count.</param>
    /// <param name="reduction">Mean, sum, or sum over the number of images.</param>
    public CrossEntropy(Real smoothing = default, IEnumerable<float>? weights = null, int ignoredIndex = -100, Reduction reduction = Reduction.Mean)
        : base("cross-entropy")
    {
        this.smoothing = Check.Share(Name, nameof(smoothing), smoothing.Or(0));
        this.weights = weights?.ToArray();
        this.ignoredIndex = ignoredIndex;
        this.reduction = reduction;
    }

    /// <summary>As it is typed.</summary>
    public override string ToString()
    {
        Description typed = new Description(nameof(CrossEntropy)).Add(nameof(smoothing), smoothing, 0);
        if (weights is not null)
        {
            typed.Add($"weights = {Description.Written(weights)}");
        }

        return typed.Add(nameof(ignoredIndex), ignoredIndex, -100).Add(nameof(reduction), reduction, Reduction.Mean).ToString();
    }

    private protected override double Compute<T>(ReadOnlySpan<T> outputs, Shape shape, Targets targets, Span<T> gradient)
    {
        (int images, int classes, int places) = Axes(shape);
        if (weights is not null && weights.Length != classes)
        {
            throw new ShapeException(Name, $"expected a weight for each of {classes} classes, got {weights.Length} weights", "give as many as the network has outputs");
        }

        return targets.AreValues
            ? OfProbabilities(outputs, ValuesLike(shape, targets), images, classes, places, gradient)
            : OfLabels(outputs, Labels(shape, targets, images, classes, places), images, classes, places, gradient);
    }

    private double OfLabels<T>(ReadOnlySpan<T> z, ReadOnlySpan<int> labels, int images, int classes, int places, Span<T> gradient)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        double divisor = reduction switch { Reduction.Mean => WeightOf(labels), Reduction.BatchMean => images, _ => 1 };
        double share = smoothing / classes;
        double spread = share * SumOfWeights(classes);
        double sum = 0;
        for (int row = 0; row < labels.Length; row++)
        {
            int label = labels[row];
            int first = ((row / places) * classes * places) + (row % places);
            if (label == ignoredIndex)
            {
                Clear(gradient, first, places, classes);
                continue;
            }

            LogSumExp normalizer = LogSumExp.Of(z, first, places, classes);
            double own = (1 - smoothing) * Weight(label);
            sum -= own * normalizer.LogProbability(double.CreateTruncating(z[first + (label * places)]));
            for (int k = 0; smoothing > 0 && k < classes; k++)
            {
                sum -= share * Weight(k) * normalizer.LogProbability(double.CreateTruncating(z[first + (k * places)]));
            }

            for (int k = 0; !gradient.IsEmpty && k < classes; k++)
            {
                int at = first + (k * places);
                double p = Math.Exp(normalizer.LogProbability(double.CreateTruncating(z[at])));
                double t = (share * Weight(k)) + (k == label ? own : 0);
                gradient[at] = T.CreateTruncating(((p * (own + spread)) - t) / divisor);
            }
        }

        return sum / divisor;
    }

    private double OfProbabilities<T>(ReadOnlySpan<T> z, ReadOnlySpan<float> probabilities, int images, int classes, int places, Span<T> gradient)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        int rows = images * places;
        double divisor = reduction switch { Reduction.Mean => rows, Reduction.BatchMean => images, _ => 1 };
        double sum = 0;
        for (int row = 0; row < rows; row++)
        {
            int first = ((row / places) * classes * places) + (row % places);
            LogSumExp normalizer = LogSumExp.Of(z, first, places, classes);
            double mass = 0;
            for (int k = 0; k < classes; k++)
            {
                int at = first + (k * places);
                double t = Target(probabilities[at], k, classes);
                mass += t;
                sum -= t * normalizer.LogProbability(double.CreateTruncating(z[at]));
            }

            for (int k = 0; !gradient.IsEmpty && k < classes; k++)
            {
                int at = first + (k * places);
                double p = Math.Exp(normalizer.LogProbability(double.CreateTruncating(z[at])));
                gradient[at] = T.CreateTruncating(((p * mass) - Target(probabilities[at], k, classes)) / divisor);
            }
        }

        return sum / divisor;
    }

    private double Target(float probability, int k, int classes) =>
        Weight(k) * ((probability * (1 - smoothing)) + (smoothing / classes));

    private double Weight(int label) => weights is null ? 1 : weights[label];

    private double SumOfWeights(int classes)
    {
        double sum = 0;
        for (int k = 0; k < classes; k++)
        {
            sum += Weight(k);
        }

        return sum;
    }

    private double WeightOf(ReadOnlySpan<int> labels)
    {
        double sum = 0;
        foreach (int label in labels)
        {
            sum += label == ignoredIndex ? 0 : Weight(label);
        }

        return sum;
    }

    private ReadOnlySpan<int> Labels(Shape shape, Targets targets, int images, int classes, int places)
    {
        ReadOnlySpan<int> labels = targets.Labels;
        if (labels.Length != images * places)
        {
            throw new ShapeException(Name, $"expected {images * places:N0} labels for outputs {shape}, got {labels.Length:N0}", "give one label for each image, or for each pixel of each image");
        }

        for (int i = 0; i < labels.Length; i++)
        {
            if ((uint)labels[i] >= (uint)classes && labels[i] != ignoredIndex)
            {
                throw new ArgumentOutOfRangeException(nameof(targets), labels[i], $"{Name}: expected labels 0..{classes - 1} for outputs {shape}, got {labels[i]} at place {i}; count classes from 0, or give the network as many outputs as there are classes");
            }
        }

        return labels;
    }

    private static void Clear<T>(Span<T> gradient, int first, int stride, int classes)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        for (int k = 0; !gradient.IsEmpty && k < classes; k++)
        {
            gradient[first + (k * stride)] = T.Zero;
        }
    }
}
