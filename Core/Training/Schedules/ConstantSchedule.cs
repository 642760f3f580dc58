namespace Fovea.Core.Training;

/// <summary>The optimizer's own learning rate throughout.</summary>
internal sealed class ConstantSchedule : Schedule
{
    public override string ToString() => "Schedule.Constant";

    internal override SchedulePoint PointAt(SchedulePosition position) => default;
}
