namespace Fovea.Core.Training;

/// <summary>
/// Smith's one-cycle policy as <c>torch.optim.lr_scheduler.OneCycleLR</c> has it: from peak/divide up to the peak over the
/// first part of the run, then down to peak/divide/finalDivide at the last step (Smith and Topin, "Super-convergence", 2018).
/// </summary>
/// <remarks>
/// Without a peak of its own it takes the optimizer's learning rate for the peak. PyTorch also cycles the momentum unless
/// told not to; here it is done on request, since it overrules the momentum that the optimizer was given.
/// </remarks>
public sealed class OneCycle : Schedule
{
    private readonly double? peak;
    private readonly double rise;
    private readonly Annealing annealing;
    private readonly double divide;
    private readonly double finalDivide;
    private readonly bool threePhases;
    private readonly bool cycleMomentum;
    private readonly double baseMomentum;
    private readonly double maxMomentum;

    /// <summary>One cycle over the run.</summary>
    /// <param name="peak">The largest learning rate (max_lr); unless given, the optimizer's own.</param>
    /// <param name="rise">The share of the run in which it rises, 0..1 (pct_start); 0.3 unless given.</param>
    /// <param name="annealing">How it goes up and down (anneal_strategy).</param>
    /// <param name="divide">The peak over the first learning rate (div_factor); 25 unless given.</param>
    /// <param name="finalDivide">The first learning rate over the last (final_div_factor); 10,000 unless given.</param>
    /// <param name="threePhases">Whether it first falls as it rose, and only then to the last learning rate (three_phase).</param>
    /// <param name="cycleMomentum">Whether momentum (β₁ of Adam's kin) goes the opposite way (cycle_momentum).</param>
    /// <param name="baseMomentum">The smallest momentum, at the peak; 0.85 unless given.</param>
    /// <param name="maxMomentum">The largest momentum; 0.95 unless given.</param>
    public OneCycle(
        Real peak = default,
        Real rise = default,
        Annealing annealing = Annealing.Cosine,
        Real divide = default,
        Real finalDivide = default,
        bool threePhases = false,
        bool cycleMomentum = false,
        Real baseMomentum = default,
        Real maxMomentum = default)
    {
        const string Owner = nameof(OneCycle);
        this.peak = peak.Given is double given ? Check.Positive(Owner, nameof(peak), given) : null;
        this.rise = Check.Share(Owner, nameof(rise), rise.Or(0.3));
        this.annealing = annealing;
        this.divide = Check.Positive(Owner, nameof(divide), divide.Or(25));
        this.finalDivide = Check.Positive(Owner, nameof(finalDivide), finalDivide.Or(1e4));
        this.threePhases = threePhases;
        this.cycleMomentum = cycleMomentum;
        this.baseMomentum = Check.Fraction(Owner, nameof(baseMomentum), baseMomentum.Or(0.85));
        this.maxMomentum = Check.Fraction(Owner, nameof(maxMomentum), maxMomentum.Or(0.95));
    }

    /// <summary>As it is typed.</summary>
    public override string ToString()
    {
        Description typed = new(nameof(OneCycle));
        if (peak is double given)
        {
            typed.Add(given);
        }

        return typed.Add(nameof(rise), rise, 0.3)
            .Add(nameof(annealing), annealing, Annealing.Cosine)
            .Add(nameof(divide), divide, 25)
            .Add(nameof(finalDivide), finalDivide, 1e4)
            .Add(nameof(threePhases), threePhases, false)
            .Add(nameof(cycleMomentum), cycleMomentum, false)
            .Add(nameof(baseMomentum), baseMomentum, 0.85)
            .Add(nameof(maxMomentum), maxMomentum, 0.95)
            .ToString();
    }

    internal override SchedulePoint PointAt(SchedulePosition position)
    {
        int last = position.TotalSteps - 1;
        double step = Math.Min(position.Step, last);
        double top = (rise * position.TotalSteps) - 1;
        double first = 1 / divide;
        double final = first / finalDivide;
        double back = threePhases ? (2 * rise * position.TotalSteps) - 2 : last;
        (double factor, double momentum) = (step, threePhases) switch
        {
            _ when step <= top => Between(0, top, step, first, 1, maxMomentum, baseMomentum),
            (_, false) => Between(top, last, step, 1, final, baseMomentum, maxMomentum),
            _ when step <= back => Between(top, back, step, 1, first, baseMomentum, maxMomentum),
            _ => Between(back, last, step, first, final, maxMomentum, maxMomentum),
        };
        double? cycled = cycleMomentum ? momentum : null;
        return peak is double given ? SchedulePoint.Rate(factor * given, cycled) : SchedulePoint.Factor(factor, cycled);
    }

    // A phase without length (PyTorch divides by zero there) is over.
    private (double Factor, double Momentum) Between(double from, double to, double step, double start, double end, double startMomentum, double endMomentum)
    {
        double done = to > from ? (step - from) / (to - from) : 1;
        return (Anneal(start, end, done), Anneal(startMomentum, endMomentum, done));
    }

    private double Anneal(double start, double end, double done) =>
        annealing == Annealing.Linear
            ? start + ((end - start) * done)
            : end + ((start - end) / 2 * (1 + Math.Cos(Math.PI * done)));
}
