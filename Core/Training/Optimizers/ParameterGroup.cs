using Fovea.Core.Tensors;

namespace Fovea.Core.Training;

/// <summary>Parameters that are treated differently from the rest; what is null is left as it was.</summary>
internal sealed record ParameterGroup(
    Func<Parameter, bool> Those,
    Optimizer? Optimizer,
    double? RateFactor,
    double? WeightDecay,
    Schedule? Schedule,
    string? Name)
{
    public override string ToString()
    {
        Description typed = new Description("For").Add(Name ?? "…");
        if (Optimizer is not null)
        {
            typed.Add(Optimizer.ToString());
        }

        if (RateFactor is double factor)
        {
            typed.Add($"rateFactor = {Description.Written(factor)}");
        }

        if (WeightDecay is double decay)
        {
            typed.Add($"weightDecay = {Description.Written(decay)}");
        }

        if (Schedule is not null)
        {
            typed.Add($"schedule = {Schedule}");
        }

        return typed.ToString();
    }
}
