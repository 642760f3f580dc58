namespace Fovea.Core.Training;

/// <summary>How one parameter is optimized, its groups applied.</summary>
/// <param name="Optimizer">The optimizer.</param>
/// <param name="RateFactor">What that optimizer's learning rate is multiplied by.</param>
/// <param name="WeightDecay">The weight decay.</param>
/// <param name="Schedule">A schedule of its own, instead of the run's.</param>
public sealed record ParameterSettings(Optimizer Optimizer, double RateFactor, double WeightDecay, Schedule? Schedule);
