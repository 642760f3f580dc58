namespace Fovea.Core.Training;

/// <summary>
/// <c>torch.nn.HuberLoss</c>: d²/2 where |d| ≤ δ and δ(|d| − δ/2) beyond, d = y − t; its derivative is d, held within ±δ
/// (Huber, "Robust estimation of a location parameter", 1964).
/// </summary>
public sealed class Huber : ElementwiseLoss
{
    private readonly double delta;

    /// <summary>Huber's loss.</summary>
    /// <param name="delta">Where the parabola becomes a line, δ; 1 unless given.</param>
    /// <param name="reduction">Mean over all elements, sum, or sum over the number of images.</param>
    public Huber(Real delta = default, Reduction reduction = Reduction.Mean)
        : base("huber", reduction) => this.delta = Check.Positive(Name, nameof(delta), delta.Or(1));

    /// <summary>As it is typed.</summary>
    public override string ToString() =>
        new Description(nameof(Huber)).Add(nameof(delta), delta, 1).Add("reduction", Reduction, Reduction.Mean).ToString();

    private protected override (double Loss, double Slope) At(double output, double target, int channel)
    {
        double difference = output - target;
        double size = Math.Abs(difference);
        return size > delta
            ? (delta * (size - (delta / 2)), Math.CopySign(delta, difference))
            : (difference * difference / 2, difference);
    }
}
