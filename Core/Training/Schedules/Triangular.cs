namespace Fovea.Core.Training;

/// <summary>
/// A line from the starting factor up to 1 and a line down to the final factor. The corner is at step
/// ⌊peak · total steps⌋; the final factor is reached after the last step.
/// </summary>
public sealed class Triangular : Schedule
{
    private readonly double peak;
    private readonly double start;
    private readonly double final;

    /// <summary>Up, and down.</summary>
    /// <param name="peak">The share of the run after which the factor is 1, 0..1; 0.5 unless given.</param>
    /// <param name="start">The factor at the first step; 0 unless given.</param>
    /// <param name="final">The factor after the last step; 0 unless given.</param>
    public Triangular(Real peak = default, Real start = default, Real final = default)
    {
        this.peak = Check.Share(nameof(Triangular), nameof(peak), peak.Or(0.5));
        this.start = Check.NotNegative(nameof(Triangular), nameof(start), start.Or(0));
        this.final = Check.NotNegative(nameof(Triangular), nameof(final), final.Or(0));
    }

    /// <summary>As it is typed.</summary>
    public override string ToString() =>
        new Description(nameof(Triangular)).Add(nameof(peak), peak, 0.5).Add(nameof(start), start, 0).Add(nameof(final), final, 0).ToString();

    internal override SchedulePoint PointAt(SchedulePosition position)
    {
        int step = Math.Min(position.Step, position.TotalSteps);
        int corner = (int)(peak * position.TotalSteps);
        return SchedulePoint.Factor(
            step < corner
                ? start + ((1 - start) * step / corner)
                : corner == position.TotalSteps ? 1 : 1 + ((final - 1) * (step - corner) / (position.TotalSteps - corner)));
    }
}
