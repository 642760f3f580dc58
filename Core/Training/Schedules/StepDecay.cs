namespace Fovea.Core.Training;

/// <summary>γ^⌊epoch / every⌋: <c>torch.optim.lr_scheduler.StepLR</c>.</summary>
public sealed class StepDecay : Schedule
{
    private readonly int every;
    private readonly double gamma;
    private readonly Clock clock;

    /// <summary>Multiplies the learning rate by γ again and again.</summary>
    /// <param name="every">After how many epochs, or steps.</param>
    /// <param name="gamma">The factor γ; 0.1 unless given.</param>
    /// <param name="clock">Whether epochs or steps are counted.</param>
    public StepDecay(int every, Real gamma = default, Clock clock = Clock.Epochs)
    {
        this.every = Check.AtLeastOne(nameof(StepDecay), nameof(every), every);
        this.gamma = Check.NotNegative(nameof(StepDecay), nameof(gamma), gamma.Or(0.1));
        this.clock = clock;
    }

    /// <summary>As it is typed.</summary>
    public override string ToString() =>
        new Description(nameof(StepDecay)).Add(every).Add(nameof(gamma), gamma, 0.1).Add(nameof(clock), clock, Clock.Epochs).ToString();

    internal override SchedulePoint PointAt(SchedulePosition position) =>
        SchedulePoint.Factor(Math.Pow(gamma, (clock == Clock.Steps ? position.Step : position.Epoch) / every));
}
