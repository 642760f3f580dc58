namespace Fovea.Core.Training;

/// <summary>A factor that a script computes.</summary>
internal sealed class CustomSchedule(Func<SchedulePosition, double> factor, string name) : Schedule
{
    public override string ToString() => name;

    internal override SchedulePoint PointAt(SchedulePosition position) => SchedulePoint.Factor(factor(position));
}
