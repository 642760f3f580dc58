using Fovea.Core.Shapes;
using Fovea.Core.Tensors;

namespace Fovea.Core.Training;

/// <summary>What an optimizer remembers during a run. For one thread at a time; after the first step it allocates nothing.</summary>
public abstract class OptimizerState
{
    private readonly GradientOf ofTensors;
    private IReadOnlyList<Tensor> tensors = [];

    private protected OptimizerState(IReadOnlyList<Parameter> parameters)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        Parameters = [.. parameters];
        ofTensors = parameter => tensors[parameter].Values;
    }

    /// <summary>The parameters that it changes, in the order of their gradients.</summary>
    public IReadOnlyList<Parameter> Parameters { get; }

    /// <summary>
    /// The parameters that the network is to be evaluated with and to be returned: those that are trained, or
    /// their average where the optimizer keeps one. The values are those of now; copy what is to stay.
    /// </summary>
    public virtual IReadOnlyList<Parameter> Evaluated => Parameters;

    /// <summary>The steps that were taken.</summary>
    public abstract long Steps { get; }

    /// <summary>The norm of all gradients together at the last step, before clipping; null unless it is clipped.</summary>
    public abstract double? GradientNorm { get; }

    /// <summary>Changes the parameters.</summary>
    /// <param name="gradients">The gradient of each parameter; it is only read.</param>
    /// <param name="point">What the schedule says; unless given, the optimizer's own learning rate and momentum.</param>
    /// <exception cref="ShapeException">A gradient is not as long as its parameter.</exception>
    /// <exception cref="InvalidOperationException">The schedule changes the momentum of an optimizer without one.</exception>
    public abstract void Step(GradientOf gradients, SchedulePoint point = default);

    /// <summary>Changes the parameters, given a gradient for each, in the parameters' shapes.</summary>
    /// <inheritdoc cref="Step(GradientOf, SchedulePoint)"/>
    public void Step(IReadOnlyList<Tensor> gradients, SchedulePoint point = default)
    {
        ArgumentNullException.ThrowIfNull(gradients);
        if (gradients.Count != Parameters.Count)
        {
            throw new ShapeException("optimizer", $"expected {Parameters.Count} gradients, one for each parameter, got {gradients.Count}", "give them in the parameters' order");
        }

        tensors = gradients;
        Step(ofTensors, point);
    }

    /// <summary>
    /// Copies of everything that it remembers, by name: <c>conv1.weight.momentum</c>, <c>conv1.weight.step</c>, … What a
    /// checkpoint holds beside the parameters themselves.
    /// </summary>
    public IReadOnlyDictionary<string, Tensor> Export()
    {
        Dictionary<string, Tensor> copies = [];
        foreach ((string name, Shape shape, float[] values) in Memories())
        {
            copies.Add(name, Tensor.Wrap(shape, (float[])values.Clone()));
        }

        return copies;
    }

    /// <summary>Takes over what <see cref="Export"/> gave: from here on it steps as the state that it came from.</summary>
    /// <exception cref="ArgumentException">Something is missing, has another shape or is not part of this state; then nothing was changed.</exception>
    public void Import(IReadOnlyDictionary<string, Tensor> memories)
    {
        ArgumentNullException.ThrowIfNull(memories);
        List<(string Name, Shape Shape, float[] Values)> own = [.. Memories()];
        foreach ((string name, Shape shape, float[] _) in own)
        {
            if (!memories.TryGetValue(name, out Tensor? memory) || memory.Shape != shape)
            {
                throw new ArgumentException($"optimizer: expected {name} {shape}, got {memory?.Shape.ToString() ?? "none"}; resume with the optimizer and the network that the state was saved with", nameof(memories));
            }
        }

        if (memories.Keys.Except(own.Select(memory => memory.Name)).FirstOrDefault() is string unknown)
        {
            throw new ArgumentException($"optimizer: {unknown} is not part of its state; resume with the optimizer and the network that the state was saved with", nameof(memories));
        }

        foreach ((string name, Shape _, float[] values) in own)
        {
            memories[name].Values.CopyTo(values, 0);
        }

        Restored();
    }

    /// <summary>Everything that it remembers, each in its own buffer. Numbers that count are copied into theirs first.</summary>
    private protected abstract IEnumerable<(string Name, Shape Shape, float[] Values)> Memories();

    internal IEnumerable<(string Name, Shape Shape, float[] Values)> AllMemories() => Memories();

    /// <summary>The buffers were written to: counts are to be read back from theirs.</summary>
    internal abstract void Restored();
}
