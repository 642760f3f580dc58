using Fovea.Core.Dispatch;
using Fovea.Core.Tensors;

namespace Fovea.Core.Training;

/// <summary>
/// Lookahead: after every k steps of another optimizer, the slow weights φ move towards the fast ones, φ ← φ + α(w − φ), and
/// the fast ones start again from there, w ← φ (Zhang et al., "Lookahead optimizer: k steps forward, 1 step back", 2019).
/// </summary>
public sealed class Lookahead : WrappingOptimizer
{
    private readonly int every;
    private readonly double alpha;
    private readonly Schedule? schedule;
    private readonly bool buffers;

    /// <summary>Lookahead around an optimizer, which has the parameter groups and the clipping.</summary>
    /// <param name="inner">The optimizer of the fast weights.</param>
    /// <param name="every">The steps k between two of the slow weights; 5 unless given.</param>
    /// <param name="alpha">The step α of the slow weights, 0..1; 0.5 unless given.</param>
    /// <param name="schedule">Factors of α over the run.</param>
    /// <param name="buffers">Whether running statistics are treated like weights.</param>
    public Lookahead(Optimizer inner, int every = 5, Real alpha = default, Schedule? schedule = null, bool buffers = false)
        : base(inner)
    {
        this.every = Check.AtLeastOne(nameof(Lookahead), nameof(every), every);
        this.alpha = Check.Share(nameof(Lookahead), nameof(alpha), alpha.Or(0.5));
        this.schedule = schedule;
        this.buffers = buffers;
    }

    /// <inheritdoc/>
    public override OptimizerState Start(IReadOnlyList<Parameter> parameters, Workers? workers = null)
    {
        OptimizerState state = Inner.Start(parameters, workers);
        return new State(this, state, new Shadow(parameters.Where(p => p.Role == ParameterRole.Buffer ? buffers : p.Trains), workers ?? Workers.Shared));
    }

    private protected override Description Describe()
    {
        Description typed = new Description(nameof(Lookahead)).Add(Inner.ToString()).Add(nameof(every), every, 5).Add(nameof(alpha), alpha, 0.5);
        return (schedule is null ? typed : typed.Add($"schedule = {schedule}")).Add(nameof(buffers), buffers, false);
    }

    private sealed class State(Lookahead optimizer, OptimizerState inner, Shadow slow) : WrappingState(inner, slow, "slow")
    {
        protected override void AfterStep(SchedulePoint point)
        {
            if (Steps % optimizer.every == 0)
            {
                Shadow.Follow(Alpha(point));
                Shadow.PutBack();
            }
        }

        private double Alpha(SchedulePoint point)
        {
            if (optimizer.schedule is null)
            {
                return optimizer.alpha;
            }

            SchedulePosition now = point.Position
                ?? throw new InvalidOperationException("Lookahead: it has a schedule, and the step does not say where the run stands; give Step what Schedule.At gave");
            return optimizer.schedule.At(now.Step, now.TotalSteps, now.StepsPerEpoch).RateOf(optimizer.alpha);
        }
    }
}
