namespace Fovea.Core.Training;

/// <summary>
/// A linear warm-up, then another schedule over the steps that are left: PyTorch's <c>SequentialLR</c> of
/// <c>LinearLR</c> and that schedule. It rises to where that schedule starts.
/// </summary>
internal sealed class WarmUp : Schedule
{
    private readonly Schedule then;
    private readonly int steps;
    private readonly double? share;
    private readonly double from;

    public WarmUp(Schedule then, int steps, double? share, double from)
    {
        this.then = then;
        this.steps = steps;
        this.share = share is double given ? Check.Share("warm-up", nameof(share), given) : null;
        this.from = Check.Share("warm-up", nameof(from), from);
    }

    public override string ToString()
    {
        Description typed = share is double given
            ? new Description(nameof(WarmUpOver)).Add(given)
            : new Description(nameof(WarmUp)).Add(steps);
        return $"{then}.{typed.Add(nameof(from), from, 1.0 / 3)}";
    }

    internal override SchedulePoint PointAt(SchedulePosition position)
    {
        int length = share is double given ? (int)(given * position.TotalSteps) : steps;
        int left = Math.Max(1, position.TotalSteps - length);
        return position.Step < length
            ? then.PointAt(position with { Step = 0, TotalSteps = left }).Times(from + ((1 - from) * position.Step / length))
            : then.PointAt(position with { Step = position.Step - length, TotalSteps = left });
    }
}
