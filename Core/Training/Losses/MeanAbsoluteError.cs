namespace Fovea.Core.Training;

/// <summary>|y − t|, <c>torch.nn.L1Loss</c>; its derivative is the sign of y − t, 0 at 0.</summary>
/// <param name="reduction">Mean over all elements, sum, or sum over the number of images.</param>
public sealed class MeanAbsoluteError(Reduction reduction = Reduction.Mean) : ElementwiseLoss("mean absolute error", reduction)
{
    /// <summary>As it is typed.</summary>
    public override string ToString() =>
        new Description(nameof(MeanAbsoluteError)).Add("reduction", Reduction, Reduction.Mean).ToString();

    private protected override (double Loss, double Slope) At(double output, double target, int channel)
    {
        double difference = output - target;
        double sign = difference > 0 ? 1 : difference < 0 ? -1 : difference; // NaN stays NaN.
        return (Math.Abs(difference), sign);
    }
}
