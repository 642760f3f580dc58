using Fovea.Core.Tensors;

namespace Fovea.Core.Training;

/// <summary>What an optimizer keeps for one parameter, and how it updates it.</summary>
internal abstract class Slot(Parameter parameter, string[] names)
{
    public Parameter Parameter { get; } = parameter;

    /// <summary>Names of the state, such as <c>momentum</c>.</summary>
    public string[] Names { get; } = names;

    /// <summary>The state, a buffer as long as the parameter for each name.</summary>
    public float[][] State { get; } = [.. names.Select(_ => new float[parameter.Shape.Count])];

    /// <summary>The steps that were taken; a step without a gradient does not count.</summary>
    public long Steps { get; set; }

    /// <summary>Whether a schedule may change the momentum.</summary>
    public abstract bool HasMomentum { get; }

    /// <summary>Whether the parameter is updated as a whole, not in chunks.</summary>
    public virtual bool IsWhole => false;

    /// <summary>Makes the constants of the step that <see cref="Steps"/> now counts.</summary>
    public abstract void Prepare(double rate, double? momentum);

    /// <summary>Updates the elements from <paramref name="from"/> on; chunks may run side by side.</summary>
    public virtual void Apply(ReadOnlySpan<float> gradient, int from, int count, Clipping clipping) => throw new NotSupportedException();

    /// <summary>Updates the parameter as a whole.</summary>
    public virtual void ApplyWhole(ReadOnlySpan<float> gradient, Clipping clipping) => throw new NotSupportedException();
}
