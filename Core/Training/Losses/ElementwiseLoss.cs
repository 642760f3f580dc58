using System.Numerics;
using Fovea.Core.Shapes;

namespace Fovea.Core.Training;

/// <summary>A loss that compares each output with the target at its place: values in the outputs' shape.</summary>
public abstract class ElementwiseLoss : Loss
{
    private protected ElementwiseLoss(string name, Reduction reduction)
        : base(name) => Reduction = reduction;

    /// <summary>How the elements' losses become one number.</summary>
    public Reduction Reduction { get; }

    /// <summary>An element's loss, and its derivative with respect to the output.</summary>
    private protected abstract (double Loss, double Slope) At(double output, double target, int channel);

    /// <summary>Faults of the settings that show only at the outputs' shape.</summary>
    private protected virtual void CheckShape(Shape shape) { }

    private protected override double Compute<T>(ReadOnlySpan<T> outputs, Shape shape, Targets targets, Span<T> gradient)
    {
        CheckShape(shape);
        ReadOnlySpan<float> values = ValuesLike(shape, targets);
        int images = shape.Rank > 0 ? shape[0] : 1;
        int channels = shape.Rank > 1 ? shape[1] : 1;
        int places = Math.Max(1, outputs.Length / Math.Max(1, images * channels));
        double divisor = Reduction switch { Reduction.Mean => outputs.Length, Reduction.BatchMean => images, _ => 1 };
        double sum = 0;
        for (int i = 0; i < outputs.Length; i++)
        {
            (double loss, double slope) = At(double.CreateTruncating(outputs[i]), values[i], i / places % channels);
            sum += loss;
            if (!gradient.IsEmpty)
            {
                gradient[i] = T.CreateTruncating(slope / divisor);
            }
        }

        return sum / divisor;
    }
}
