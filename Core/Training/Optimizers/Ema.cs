using Fovea.Core.Dispatch;
using Fovea.Core.Tensors;

namespace Fovea.Core.Training;

/// <summary>
/// An exponential moving average of the weights beside another optimizer, which it leaves alone: after each step,
/// a ← δa + (1 − δ)w. The average is what the network is evaluated with and returned
/// (Polyak and Juditsky, "Acceleration of stochastic approximation by averaging", 1992).
/// </summary>
public sealed class Ema : WrappingOptimizer
{
    private readonly double decay;
    private readonly bool warmUp;
    private readonly bool buffers;

    /// <summary>An average around an optimizer, which has the parameter groups and the clipping.</summary>
    /// <param name="inner">The optimizer.</param>
    /// <param name="decay">The share δ of the old average, 0..1; 0.999 unless given.</param>
    /// <param name="warmUp">Whether δ is at most (1 + t)/(10 + t) at step t, so that the beginning is soon forgotten.</param>
    /// <param name="buffers">Whether running statistics are averaged too; otherwise they are taken as they are.</param>
    public Ema(Optimizer inner, Real decay = default, bool warmUp = false, bool buffers = true)
        : base(inner)
    {
        this.decay = Check.Share(nameof(Ema), nameof(decay), decay.Or(0.999));
        this.warmUp = warmUp;
        this.buffers = buffers;
    }

    /// <inheritdoc/>
    public override OptimizerState Start(IReadOnlyList<Parameter> parameters, Workers? workers = null)
    {
        OptimizerState state = Inner.Start(parameters, workers);
        return new State(this, state, new Shadow(parameters.Where(p => p.Role == ParameterRole.Buffer ? buffers : p.Trains), workers ?? Workers.Shared));
    }

    private protected override Description Describe() =>
        new Description(nameof(Ema)).Add(Inner.ToString())
            .Add(nameof(decay), decay, 0.999)
            .Add(nameof(warmUp), warmUp, false)
            .Add(nameof(buffers), buffers, true);

    private sealed class State : WrappingState
    {
        private readonly Ema optimizer;

        public State(Ema optimizer, OptimizerState inner, Shadow average)
            : base(inner, average, "average")
        {
            this.optimizer = optimizer;
            Dictionary<string, float[]> averages = average.Parameters.Zip(average.Values).ToDictionary(pair => pair.First.Name, pair => pair.Second);
            Evaluated =
            [
                .. inner.Evaluated.Select(parameter => averages.TryGetValue(parameter.Name, out float[]? values)
                    ? parameter with { Value = Tensor.Wrap(parameter.Shape, values) }
                    : parameter),
            ];
        }

        public override IReadOnlyList<Parameter> Evaluated { get; }

        protected override void AfterStep(SchedulePoint point) =>
            Shadow.Follow(1 - (optimizer.warmUp ? Math.Min(optimizer.decay, (1.0 + Steps) / (10.0 + Steps)) : optimizer.decay));
    }
}
