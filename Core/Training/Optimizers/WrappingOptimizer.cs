using Fovea.Core.Dispatch;
using Fovea.Core.Tensors;

namespace Fovea.Core.Training;

/// <summary>An optimizer that does something more after each step of another one.</summary>
public abstract class WrappingOptimizer : Optimizer
{
    private protected WrappingOptimizer(Optimizer inner)
        : base((inner ?? throw new ArgumentNullException(nameof(inner))).LearningRate, inner.WeightDecay) => Inner = inner;

    /// <summary>The optimizer that takes the steps.</summary>
    public Optimizer Inner { get; private set; }

    /// <inheritdoc/>
    public override Optimizer For(Func<Parameter, bool> those, Optimizer? optimizer = null, Real rateFactor = default, Real weightDecay = default, Schedule? schedule = null, string? name = null) =>
        Around(Inner.For(those, optimizer, rateFactor, weightDecay, schedule, name));

    /// <inheritdoc/>
    public override Optimizer ClipNorm(Real maxNorm) => Around(Inner.ClipNorm(maxNorm));

    /// <inheritdoc/>
    public override Optimizer ClipValue(Real maxValue) => Around(Inner.ClipValue(maxValue));

    /// <inheritdoc/>
    public override ParameterSettings SettingsFor(Parameter parameter) => Inner.SettingsFor(parameter);

    internal override Slot Open(Parameter parameter, double weightDecay, Workers workers) => Inner.Open(parameter, weightDecay, workers);

    private WrappingOptimizer Around(Optimizer inner)
    {
        WrappingOptimizer copy = (WrappingOptimizer)MemberwiseClone();
        copy.Inner = inner;
        return copy;
    }
}
