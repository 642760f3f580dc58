namespace Fovea.Core.Training;

/// <summary>γ^epoch: <c>torch.optim.lr_scheduler.ExponentialLR</c>.</summary>
public sealed class ExponentialDecay : Schedule
{
    private readonly double gamma;
    private readonly Clock clock;

    /// <summary>Multiplies the learning rate by γ every epoch.</summary>
    /// <param name="gamma">The factor γ.</param>
    /// <param name="clock">Whether epochs or steps are counted.</param>
    public ExponentialDecay(Real gamma, Clock clock = Clock.Epochs)
    {
        this.gamma = Check.NotNegative(nameof(ExponentialDecay), nameof(gamma), gamma.Or(1));
        this.clock = clock;
    }

    /// <summary>As it is typed.</summary>
    public override string ToString() =>
        new Description(nameof(ExponentialDecay)).Add(gamma).Add(nameof(clock), clock, Clock.Epochs).ToString();

    internal override SchedulePoint PointAt(SchedulePosition position) =>
        SchedulePoint.Factor(Math.Pow(gamma, clock == Clock.Steps ? position.Step : position.Epoch));
}
