namespace Fovea.Core.Training;

/// <summary>
/// A learning rate as a function of the step: a value without state, so that any step of any run can be asked for. Most
/// give a factor of the optimizer's own learning rate.
/// </summary>
public abstract class Schedule
{
    private protected Schedule() { }

    /// <summary>The optimizer's own learning rate, from the first step to the last.</summary>
    public static Schedule Constant { get; } = new ConstantSchedule();

    /// <summary>A factor that a script computes.</summary>
    /// <param name="factor">From the share of the run that is done, 0 to almost 1, to the factor.</param>
    /// <param name="name">What the schedule prints as.</param>
    public static Schedule Custom(Func<double, double> factor, string name = "custom")
    {
        ArgumentNullException.ThrowIfNull(factor);
        return new CustomSchedule(position => factor(position.Done), name);
    }

    /// <summary>A factor that a script computes from where the run stands.</summary>
    /// <param name="factor">From step, total steps and steps an epoch to the factor.</param>
    /// <param name="name">What the schedule prints as.</param>
    public static Schedule OfPosition(Func<SchedulePosition, double> factor, string name = "custom")
    {
        ArgumentNullException.ThrowIfNull(factor);
        return new CustomSchedule(factor, name);
    }

    /// <summary>What holds for a step.</summary>
    /// <param name="step">The step that is about to be taken, from 0; after the end, schedules stay where they ended.</param>
    /// <param name="totalSteps">The steps of the whole run.</param>
    /// <param name="stepsPerEpoch">The steps of an epoch; unless given, a step counts as an epoch.</param>
    public SchedulePoint At(int step, int totalSteps, int stepsPerEpoch = 1)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(step);
        ArgumentOutOfRangeException.ThrowIfLessThan(totalSteps, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(stepsPerEpoch, 1);
        SchedulePosition position = new(step, totalSteps, stepsPerEpoch);
        return PointAt(position) with { Position = position };
    }

    /// <summary>This schedule after a linear warm-up of so many steps, which come out of the run's total.</summary>
    /// <param name="steps">The steps of the warm-up, 0 or more.</param>
    /// <param name="from">The factor at the first step, 0..1; 1/3 unless given, as in PyTorch's LinearLR.</param>
    public Schedule WarmUp(int steps, Real from = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(steps);
        return new WarmUp(this, steps, null, from.Or(1.0 / 3));
    }

    /// <summary>This schedule after a linear warm-up over a share of the run.</summary>
    /// <param name="share">The share of the run's steps, 0..1.</param>
    /// <param name="from">The factor at the first step, 0..1; 1/3 unless given, as in PyTorch's LinearLR.</param>
    public Schedule WarmUpOver(Real share, Real from = default) => new WarmUp(this, 0, share.Or(0), from.Or(1.0 / 3));

    internal abstract SchedulePoint PointAt(SchedulePosition position);
}
