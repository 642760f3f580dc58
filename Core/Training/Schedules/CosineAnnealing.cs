namespace Fovea.Core.Training;

/// <summary>
/// From 1 to the final factor along half a cosine wave over the whole run, final + (1 − final)(1 + cos(π·done))/2:
/// <c>torch.optim.lr_scheduler.CosineAnnealingLR</c> with T_max the run's steps and eta_min = final · learning rate
/// (Loshchilov and Hutter, "SGDR", 2017, without restarts).
/// </summary>
public sealed class CosineAnnealing : Schedule
{
    private readonly double final;

    /// <summary>A cosine decay.</summary>
    /// <param name="final">The factor after the last step, 0 or more; 0 unless given.</param>
    public CosineAnnealing(Real final = default) =>
        this.final = Check.NotNegative(nameof(CosineAnnealing), nameof(final), final.Or(0));

    /// <summary>As it is typed.</summary>
    public override string ToString() => new Description(nameof(CosineAnnealing)).Add(nameof(final), final, 0).ToString();

    internal override SchedulePoint PointAt(SchedulePosition position) =>
        SchedulePoint.Factor(final + ((1 - final) * (1 + Math.Cos(Math.PI * position.Done)) / 2));
}
