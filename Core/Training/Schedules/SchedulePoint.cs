using System.Globalization;

namespace Fovea.Core.Training;

/// <summary>
/// What a schedule says for one step: a learning rate, either as a factor of the optimizer's own or outright, and perhaps
/// a momentum. The default value leaves both to the optimizer.
/// </summary>
public readonly record struct SchedulePoint
{
    private readonly Kind kind;
    private readonly double number;

    private SchedulePoint(Kind kind, double number, double? momentum)
    {
        this.kind = kind;
        this.number = number;
        Momentum = momentum;
    }

    private enum Kind
    {
        Own,
        Factor,
        Rate,
    }

    /// <summary>The momentum (β₁ of Adam's kin) of this step, where the schedule changes it.</summary>
    public double? Momentum { get; }

    /// <summary>Where in the run this is, for parameter groups with a schedule of their own.</summary>
    public SchedulePosition? Position { get; init; }

    /// <summary>The optimizer's own learning rate times a factor.</summary>
    public static SchedulePoint Factor(double factor, double? momentum = null) => new(Kind.Factor, factor, momentum);

    /// <summary>A learning rate that does not ask for the optimizer's own.</summary>
    public static SchedulePoint Rate(double rate, double? momentum = null) => new(Kind.Rate, rate, momentum);

    /// <summary>The learning rate of an optimizer whose own is <paramref name="own"/>.</summary>
    public double RateOf(double own) => kind switch { Kind.Own => own, Kind.Factor => number * own, _ => number };

    /// <summary>
    /// The learning rate of a group's optimizer whose own is <paramref name="own"/>, beside a main one of
    /// <paramref name="main"/>: a rate given outright is meant for the main one, and the others keep their proportion to it.
    /// </summary>
    internal double RateOf(double own, double main) => kind == Kind.Rate && own != main ? number * (own / main) : RateOf(own);

    /// <summary>This point with its learning rate multiplied.</summary>
    public SchedulePoint Times(double factor) =>
        new(kind == Kind.Own ? Kind.Factor : kind, kind == Kind.Own ? factor : number * factor, Momentum) { Position = Position };

    /// <summary>As it is read: <c>rate × 0.5</c> or <c>rate 0.05, momentum 0.9</c>.</summary>
    public override string ToString()
    {
        string rate = kind switch
        {
            Kind.Own => "rate × 1",
            Kind.Factor => string.Create(CultureInfo.InvariantCulture, $"rate × {number:G6}"),
            _ => string.Create(CultureInfo.InvariantCulture, $"rate {number:G6}"),
        };
        return Momentum is double momentum ? string.Create(CultureInfo.InvariantCulture, $"{rate}, momentum {momentum:G6}") : rate;
    }
}
