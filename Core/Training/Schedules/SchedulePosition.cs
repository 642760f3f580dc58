namespace Fovea.Core.Training;

/// <summary>Where a run stands.</summary>
/// <param name="Step">The step that is about to be taken, from 0.</param>
/// <param name="TotalSteps">The steps of the whole run, 1 or more.</param>
/// <param name="StepsPerEpoch">The steps of an epoch, 1 or more; at 1, a step is an epoch.</param>
public readonly record struct SchedulePosition(int Step, int TotalSteps, int StepsPerEpoch = 1)
{
    /// <summary>The share of the run that is done: 0 before the first step, 1 after the last.</summary>
    public double Done => Math.Min(1, (double)Step / TotalSteps);

    /// <summary>The epoch that the step belongs to, from 0.</summary>
    public int Epoch => Step / StepsPerEpoch;
}
