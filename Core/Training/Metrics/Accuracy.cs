using System.Globalization;
using Fovea.Core.Tensors;

namespace Fovea.Core.Training;

/// <summary>
/// The share of rows whose label is among the k classes with the largest scores; k = 1 is the accuracy proper. A row that
/// holds NaN is wrong. Batches are added up.
/// </summary>
public sealed class Accuracy
{
    /// <summary>Begins to count.</summary>
    /// <param name="top">How many classes a row may name, 1 or more.</param>
    public Accuracy(int top = 1) => Top = Check.AtLeastOne("accuracy", nameof(top), top);

    /// <summary>How many classes a row may name.</summary>
    public int Top { get; }

    /// <summary>The rows that were right.</summary>
    public long Right { get; private set; }

    /// <summary>The rows that were counted.</summary>
    public long Count { get; private set; }

    /// <summary>The share that was right, 0..1; NaN when nothing was counted.</summary>
    public double Value => (double)Right / Count;

    /// <summary>Counts a batch.</summary>
    /// <param name="scores">Logits or probabilities, N×K.</param>
    /// <param name="labels">N labels, 0..K − 1.</param>
    public void Add(ReadOnlySpan<float> scores, ReadOnlySpan<int> labels)
    {
        int classes = Ranking.Classes("accuracy", scores, labels);
        for (int row = 0; row < labels.Length; row++)
        {
            Right += Ranking.Rank(scores.Slice(row * classes, classes), labels[row]) < Top ? 1 : 0;
        }

        Count += labels.Length;
    }

    /// <summary>Counts a batch.</summary>
    /// <inheritdoc cref="Add(ReadOnlySpan{float}, ReadOnlySpan{int})"/>
    public void Add(Tensor scores, int[] labels)
    {
        ArgumentNullException.ThrowIfNull(scores);
        Add(scores.Values.AsSpan(), labels.AsSpan());
    }

    /// <summary>Forgets everything.</summary>
    public void Reset() => (Right, Count) = (0, 0);

    /// <summary>As it is read: <c>81.03 % (8,103 of 10,000)</c>.</summary>
    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"{(Top == 1 ? "" : $"top-{Top} ")}{100 * Value:F2} % ({Right:N0} of {Count:N0})");
}
