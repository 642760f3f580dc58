namespace Fovea.Core.Training;

/// <summary>
/// final + (1 − final)(1 − done)^power: <c>torch.optim.lr_scheduler.PolynomialLR</c> over the whole run. With power 1, its
/// default, the linear decay to 0.
/// </summary>
public sealed class PolynomialDecay : Schedule
{
    private readonly double power;
    private readonly double final;

    /// <summary>A polynomial decay.</summary>
    /// <param name="power">The exponent; 1 unless given.</param>
    /// <param name="final">The factor after the last step; 0 unless given.</param>
    public PolynomialDecay(Real power = default, Real final = default)
    {
        this.power = Check.Positive(nameof(PolynomialDecay), nameof(power), power.Or(1));
        this.final = Check.NotNegative(nameof(PolynomialDecay), nameof(final), final.Or(0));
    }

    /// <summary>As it is typed.</summary>
    public override string ToString() =>
        new Description(nameof(PolynomialDecay)).Add(nameof(power), power, 1).Add(nameof(final), final, 0).ToString();

    internal override SchedulePoint PointAt(SchedulePosition position) =>
        SchedulePoint.Factor(final + ((1 - final) * Math.Pow(1 - position.Done, power)));
}
