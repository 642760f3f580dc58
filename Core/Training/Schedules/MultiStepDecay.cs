using System.Collections.Immutable;

namespace Fovea.Core.Training;

/// <summary>γ^(milestones reached): <c>torch.optim.lr_scheduler.MultiStepLR</c>.</summary>
public sealed class MultiStepDecay : Schedule
{
    private readonly ImmutableArray<int> milestones;
    private readonly double gamma;
    private readonly Clock clock;

    /// <summary>Multiplies the learning rate by γ at each milestone.</summary>
    /// <param name="milestones">The epochs, or steps, from which on the next factor holds; one that is named twice counts twice.</param>
    /// <param name="gamma">The factor γ; 0.1 unless given.</param>
    /// <param name="clock">Whether epochs or steps are counted.</param>
    public MultiStepDecay(IEnumerable<int> milestones, Real gamma = default, Clock clock = Clock.Epochs)
    {
        ArgumentNullException.ThrowIfNull(milestones);
        this.milestones = [.. milestones.Order()];
        this.gamma = Check.NotNegative(nameof(MultiStepDecay), nameof(gamma), gamma.Or(0.1));
        this.clock = clock;
    }

    /// <summary>As it is typed.</summary>
    public override string ToString() =>
        new Description(nameof(MultiStepDecay)).Add($"[ {string.Join("; ", milestones)} ]").Add(nameof(gamma), gamma, 0.1).Add(nameof(clock), clock, Clock.Epochs).ToString();

    internal override SchedulePoint PointAt(SchedulePosition position)
    {
        int now = clock == Clock.Steps ? position.Step : position.Epoch;
        int reached = 0;
        while (reached < milestones.Length && milestones[reached] <= now)
        {
            reached++;
        }

        return SchedulePoint.Factor(Math.Pow(gamma, reached));
    }
}
