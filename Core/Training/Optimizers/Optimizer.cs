using System.Collections.Immutable;
using Fovea.Core.Dispatch;
using Fovea.Core.Tensors;

namespace Fovea.Core.Training;

/// <summary>
/// How gradients change parameters: a description without state, that may be used for any number of runs. What a run
/// remembers is in the <see cref="OptimizerState"/> that <see cref="Start"/> gives.
/// </summary>
public abstract class Optimizer
{
    private ImmutableArray<ParameterGroup> groups = [];

    private protected Optimizer(double learningRate, double weightDecay)
    {
        LearningRate = Check.NotNegative(GetType().Name, "learningRate", learningRate);
        WeightDecay = Check.NotNegative(GetType().Name, "weightDecay", weightDecay);
    }

    /// <summary>The learning rate that schedules give factors of.</summary>
    public double LearningRate { get; }

    /// <summary>The weight decay.</summary>
    public double WeightDecay { get; }

    /// <summary>The largest global norm of the gradients; infinite unless <see cref="ClipNorm"/> set it.</summary>
    public double MaxNorm { get; private set; } = double.PositiveInfinity;

    /// <summary>The largest absolute value of a gradient's element; infinite unless <see cref="ClipValue"/> set it.</summary>
    public double MaxValue { get; private set; } = double.PositiveInfinity;

    /// <summary>
    /// This optimizer with other settings for some parameters. Of several groups that hold a parameter, each overrides
    /// what the ones before it said about the same setting.
    /// </summary>
    /// <param name="those">Which parameters.</param>
    /// <param name="optimizer">Another optimizer for them, with its own learning rate and weight decay.</param>
    /// <param name="rateFactor">What the learning rate is multiplied by, 0 or more.</param>
    /// <param name="weightDecay">The weight decay, 0 or more.</param>
    /// <param name="schedule">A schedule of their own, instead of the run's.</param>
    /// <param name="name">What the group prints as.</param>
    public virtual Optimizer For(
        Func<Parameter, bool> those,
        Optimizer? optimizer = null,
        Real rateFactor = default,
        Real weightDecay = default,
        Schedule? schedule = null,
        string? name = null)
    {
        ArgumentNullException.ThrowIfNull(those);
        if (optimizer is WrappingOptimizer)
        {
            throw new ArgumentException($"{optimizer} works on all parameters together; wrap the optimizer that has the groups", nameof(optimizer));
        }

        Optimizer copy = (Optimizer)MemberwiseClone();
        copy.groups = groups.Add(new ParameterGroup(
            those,
            optimizer,
            rateFactor.Given is double factor ? Check.NotNegative("group", nameof(rateFactor), factor) : null,
            weightDecay.Given is double decay ? Check.NotNegative("group", nameof(weightDecay), decay) : null,
            schedule,
            name));
        return copy;
    }

    /// <summary>
    /// This optimizer with gradients scaled down, all by one factor, where the norm of all of them together is larger than
    /// <paramref name="maxNorm"/>: <c>torch.nn.utils.clip_grad_norm_</c>, factor = min(1, maxNorm/(norm + 10⁻⁶)).
    /// </summary>
    public virtual Optimizer ClipNorm(Real maxNorm)
    {
        Optimizer copy = (Optimizer)MemberwiseClone();
        copy.MaxNorm = Check.Positive("ClipNorm", nameof(maxNorm), maxNorm.Or(0));
        return copy;
    }

    /// <summary>
    /// This optimizer with every element of the gradients held within ±<paramref name="maxValue"/>
    /// (<c>torch.nn.utils.clip_grad_value_</c>), after clipping by norm if both are asked for.
    /// </summary>
    public virtual Optimizer ClipValue(Real maxValue)
    {
        Optimizer copy = (Optimizer)MemberwiseClone();
        copy.MaxValue = Check.Positive("ClipValue", nameof(maxValue), maxValue.Or(0));
        return copy;
    }

    /// <summary>How a parameter is optimized, the groups applied.</summary>
    public virtual ParameterSettings SettingsFor(Parameter parameter)
    {
        ArgumentNullException.ThrowIfNull(parameter);
        ParameterSettings settings = new(this, 1, WeightDecay, null);
        foreach (ParameterGroup group in groups)
        {
            if (!group.Those(parameter))
            {
                continue;
            }

            if (group.Optimizer is not null)
            {
                settings = group.Optimizer.SettingsFor(parameter);
            }

            settings = new(
                settings.Optimizer,
                group.RateFactor ?? settings.RateFactor,
                group.WeightDecay ?? settings.WeightDecay,
                group.Schedule ?? settings.Schedule);
        }

        return settings;
    }

    /// <summary>Fresh state for a network's parameters. It changes the ones that train, in their own buffers.</summary>
    /// <param name="parameters">All of the network's parameters; the frozen ones and the buffers are left alone.</param>
    /// <param name="workers">The threads; unless given, the shared ones. No result depends on them.</param>
    /// <exception cref="ArgumentException">Two parameters have one name, or one does not suit its optimizer.</exception>
    public virtual OptimizerState Start(IReadOnlyList<Parameter> parameters, Workers? workers = null) =>
        new GroupedState(this, parameters, workers ?? Workers.Shared);

    /// <summary>As it is typed.</summary>
    public sealed override string ToString()
    {
        string clipping = (double.IsFinite(MaxNorm) ? $".ClipNorm {Description.Written(MaxNorm)}" : "")
            + (double.IsFinite(MaxValue) ? $".ClipValue {Description.Written(MaxValue)}" : "");
        return string.Concat(groups.Select(group => $".{group}").Prepend(Describe().ToString())) + clipping;
    }

    internal abstract Slot Open(Parameter parameter, double weightDecay, Workers workers);

    private protected abstract Description Describe();
}
