using Fovea.Core.Shapes;

namespace Fovea.Core.Training;

/// <summary>Which class a row of scores names. Where NaN is among the scores, it names none.</summary>
public static class Ranking
{
    /// <summary>No class: a row that holds NaN.</summary>
    public const int None = -1;

    /// <summary>The class with the largest score, the first of equal ones; <see cref="None"/> where a score is NaN.</summary>
    public static int Best(ReadOnlySpan<float> scores)
    {
        int best = None;
        for (int k = 0; k < scores.Length; k++)
        {
            if (float.IsNaN(scores[k]))
            {
                return None;
            }

            if (best == None || scores[k] > scores[best])
            {
                best = k;
            }
        }

        return best;
    }

    /// <summary>
    /// How many classes come before a class: those with a larger score, and those with an equal one that are listed earlier.
    /// All of them where a score is NaN.
    /// </summary>
    public static int Rank(ReadOnlySpan<float> scores, int label)
    {
        int before = 0;
        for (int k = 0; k < scores.Length; k++)
        {
            if (float.IsNaN(scores[k]))
            {
                return scores.Length;
            }

            before += scores[k] > scores[label] || (scores[k] == scores[label] && k < label) ? 1 : 0;
        }

        return before;
    }

    internal static int Classes(string metric, ReadOnlySpan<float> scores, ReadOnlySpan<int> labels)
    {
        if (labels.IsEmpty)
        {
            return scores.IsEmpty ? 0 : throw new ShapeException(metric, $"expected a label for each row, got {scores.Length:N0} scores and no labels", "give the labels of the batch");
        }

        int classes = scores.Length / labels.Length;
        if (classes * labels.Length != scores.Length || classes == 0)
        {
            throw new ShapeException(metric, $"expected scores (batch, classes) for {labels.Length:N0} labels, got {scores.Length:N0} scores", "give a row of scores for each label");
        }

        foreach (int label in labels)
        {
            if ((uint)label >= (uint)classes)
            {
                throw new ArgumentOutOfRangeException(nameof(labels), label, $"{metric}: expected labels 0..{classes - 1}, got {label}; count classes from 0");
            }
        }

        return classes;
    }
}
