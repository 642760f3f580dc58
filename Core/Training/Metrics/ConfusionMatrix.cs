using System.Collections.Immutable;
using System.Globalization;
using Fovea.Core.Tensors;
using MathNet.Numerics.LinearAlgebra.Double;

namespace Fovea.Core.Training;

/// <summary>
/// How often images of each class (rows) were taken for each class (columns). Images for which nothing was named, because a
/// score was NaN, are counted apart. Batches are added up.
/// </summary>
public sealed class ConfusionMatrix
{
    private readonly long[,] counts;
    private readonly long[] nothing;

    /// <summary>Begins to count.</summary>
    /// <param name="names">The names of the classes, one or more.</param>
    public ConfusionMatrix(IEnumerable<string> names)
    {
        ArgumentNullException.ThrowIfNull(names);
        Names = [.. names];
        Check.AtLeastOne("confusion matrix", "classes", Names.Length);
        counts = new long[Names.Length, Names.Length];
        nothing = new long[Names.Length];
    }

    /// <summary>Begins to count classes without names.</summary>
    public ConfusionMatrix(int classes)
        : this(Enumerable.Range(0, classes).Select(k => k.ToString(CultureInfo.InvariantCulture))) { }

    /// <summary>The names of the classes.</summary>
    public ImmutableArray<string> Names { get; }

    /// <summary>The number of classes.</summary>
    public int Classes => Names.Length;

    /// <summary>The images that were counted.</summary>
    public long Count { get; private set; }

    /// <summary>How many images of class <paramref name="label"/> were taken for class <paramref name="predicted"/>.</summary>
    public long this[int label, int predicted] => counts[label, predicted];

    /// <summary>The share of images that were recognised, 0..1; NaN when nothing was counted.</summary>
    public double Accuracy => (double)Diagonal() / Count;

    /// <summary>The unweighted mean of the classes' F1, over those that have one.</summary>
    public double MacroF1 => Scores().Select(scores => scores.F1).Where(f1 => !double.IsNaN(f1)).DefaultIfEmpty(double.NaN).Average();

    /// <summary>Counts a batch, given the scores (N, classes) and the labels.</summary>
    public void Add(Tensor scores, int[] labels)
    {
        ArgumentNullException.ThrowIfNull(scores);
        Add(scores.Values, labels);
    }

    /// <summary>Counts a batch.</summary>
    /// <param name="scores">Logits or probabilities, N×K.</param>
    /// <param name="labels">N labels, 0..K − 1.</param>
    public void Add(ReadOnlySpan<float> scores, ReadOnlySpan<int> labels)
    {
        int classes = Ranking.Classes("confusion matrix", scores, labels);
        if (!labels.IsEmpty && classes != Classes)
        {
            throw new ArgumentException($"confusion matrix: it has {Classes} classes, got scores of {classes}; name as many classes as the network has outputs", nameof(scores));
        }

        for (int row = 0; row < labels.Length; row++)
        {
            Add(labels[row], Ranking.Best(scores.Slice(row * classes, classes)));
        }
    }

    /// <summary>Counts an image.</summary>
    /// <param name="label">Its class.</param>
    /// <param name="predicted">The class that it was taken for, or <see cref="Ranking.None"/>.</param>
    public void Add(int label, int predicted)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(label);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(label, Classes);
        ArgumentOutOfRangeException.ThrowIfLessThan(predicted, Ranking.None);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(predicted, Classes);
        if (predicted == Ranking.None)
        {
            nothing[label]++;
        }
        else
        {
            counts[label, predicted]++;
        }

        Count++;
    }

    /// <summary>Precision, recall and F1 of each class.</summary>
    public IReadOnlyList<ClassScores> Scores() => [.. Enumerable.Range(0, Classes).Select(ScoresOf)];

    /// <summary>The counts (true class, predicted class).</summary>
    public Tensor ToTensor() => Tensor.Generate(Classes, Classes, (label, predicted) => counts[label, predicted]);

    /// <summary>The counts as a MathNet matrix, a copy.</summary>
    public DenseMatrix ToMatrix() => DenseMatrix.Create(Classes, Classes, (label, predicted) => counts[label, predicted]);

    /// <summary>A table with a row for each class: its counts, then its precision, recall and F1, and the accuracy below.</summary>
    public override string ToString()
    {
        bool anyNothing = nothing.Any(count => count > 0);
        List<string[]> rows = [["label \\ taken for", .. Names, .. anyNothing ? ["nothing"] : Array.Empty<string>(), "precision", "recall", "F1"]];
        foreach ((int k, ClassScores scores) in Scores().Index())
        {
            IEnumerable<string> line = Enumerable.Range(0, Classes).Select(j => Number(counts[k, j]));
            rows.Add([Names[k], .. line, .. anyNothing ? [Number(nothing[k])] : Array.Empty<string>(), Share(scores.Precision), Share(scores.Recall), Share(scores.F1)]);
        }

        return TextTable.Of(rows) + string.Create(CultureInfo.InvariantCulture, $"accuracy {100 * Accuracy:F2} % ({Diagonal():N0} of {Count:N0})");
    }

    private ClassScores ScoresOf(int k)
    {
        long support = nothing[k], taken = 0;
        for (int j = 0; j < Classes; j++)
        {
            support += counts[k, j];
            taken += counts[j, k];
        }

        double right = counts[k, k];
        return new(Names[k], right / taken, right / support, 2 * right / (taken + support), support);
    }

    private long Diagonal()
    {
        long right = 0;
        for (int k = 0; k < Classes; k++)
        {
            right += counts[k, k];
        }

        return right;
    }

    private static string Number(long count) => count == 0 ? "·" : count.ToString("N0", CultureInfo.InvariantCulture);

    private static string Share(double share) => double.IsNaN(share) ? "–" : share.ToString("F3", CultureInfo.InvariantCulture);
}
