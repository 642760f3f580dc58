using Fovea.Core.Shapes;
using Fovea.Core.Tensors;

namespace Fovea.Core.Training;

/// <summary>
/// What a batch's outputs should have been: either a class label for each place, or a tensor of values. An int[] or a
/// tensor stands for it. It holds the array that it was given and copies nothing.
/// </summary>
public readonly struct Targets
{
    private readonly ReadOnlyMemory<int> labels;
    private readonly Tensor? values;

    private Targets(ReadOnlyMemory<int> labels, Tensor? values)
    {
        this.labels = labels;
        this.values = values;
    }

    /// <summary>Class labels, counted from 0, one for each image, or for each pixel in the order N×H×W.</summary>
    public static implicit operator Targets(int[] labels) => OfLabels(labels);

    /// <summary>Values, shaped like the outputs: probabilities of classes, or what a regression should find.</summary>
    public static implicit operator Targets(Tensor values) => OfValues(values);

    /// <summary>Whether these are values; otherwise they are labels.</summary>
    public bool AreValues => values is not null;

    /// <summary>The labels.</summary>
    /// <exception cref="InvalidOperationException">These are values.</exception>
    public ReadOnlySpan<int> Labels =>
        values is null ? labels.Span : throw new InvalidOperationException($"targets: expected class labels, got values {values.Shape}; give Targets.OfLabels");

    /// <summary>The values.</summary>
    /// <exception cref="InvalidOperationException">These are labels.</exception>
    public Tensor Values =>
        values ?? throw new InvalidOperationException($"targets: expected values, got {labels.Length:N0} class labels; give Targets.OfValues, or Targets.OneHot of the labels");

    /// <summary>Class labels, counted from 0, one for each image, or for each pixel in the order N×H×W.</summary>
    public static Targets OfLabels(ReadOnlyMemory<int> labels) => new(labels, null);

    /// <summary>Values, shaped like the outputs: probabilities of classes, or what a regression should find.</summary>
    public static Targets OfValues(Tensor values)
    {
        ArgumentNullException.ThrowIfNull(values);
        return new(default, values);
    }

    /// <summary>Labels as values (N, classes): 1 at the label, 0 elsewhere.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A label is not one of the classes.</exception>
    public static Targets OneHot(ReadOnlyMemory<int> labels, int classes)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(classes, 1);
        Tensor values = Tensor.Zeros(new Shape(labels.Length, classes));
        for (int i = 0; i < labels.Length; i++)
        {
            int label = labels.Span[i];
            if ((uint)label >= (uint)classes)
            {
                throw new ArgumentOutOfRangeException(nameof(labels), label, $"one-hot: expected labels 0..{classes - 1}, got {label} at place {i}; count classes from 0");
            }

            values.Values[(i * classes) + label] = 1;
        }

        return new(default, values);
    }

    /// <summary>What these are: <c>64 labels</c> or <c>values (64, 10)</c>.</summary>
    public override string ToString() => values is null ? $"{labels.Length:N0} labels" : $"values {values.Shape}";
}
