namespace Fovea.Core.Training;

/// <summary>(y − t)², <c>torch.nn.MSELoss</c>; its derivative is 2(y − t).</summary>
/// <param name="reduction">Mean over all elements, sum, or sum over the number of images.</param>
public sealed class MeanSquaredError(Reduction reduction = Reduction.Mean) : ElementwiseLoss("mean squared error", reduction)
{
    /// <summary>As it is typed.</summary>
    public override string ToString() =>
        new Description(nameof(MeanSquaredError)).Add("reduction", Reduction, Reduction.Mean).ToString();

    private protected override (double Loss, double Slope) At(double output, double target, int channel)
    {
        double difference = output - target;
        return (difference * difference, 2 * difference);
    }
}
