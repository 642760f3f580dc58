using Fovea.Core.Data;
using Fovea.Core.Dispatch;
using Fovea.Core.Plans;
using Fovea.Core.Randomness;
using Fovea.Core.Shapes;
using Fovea.Core.Tensors;

namespace Fovea.Core.Training;

/// <summary>What a step saw.</summary>
/// <param name="Loss">The batch's mean loss, before the step.</param>
/// <param name="Correct">Images whose largest output was their label's, before the step.</param>
/// <param name="Count">Images in the batch.</param>
public readonly record struct StepResult(double Loss, int Correct, int Count);

/// <summary>
/// A network in training: batch in, plan forward, loss, plan backward into gradients, optimizer over the parameters. It
/// changes the parameters that it is given, in their own buffers, and takes all its memory when it is made.
/// </summary>
public sealed class TrainingRun : IDisposable
{
    private readonly Session session;
    private readonly Loss loss;
    private readonly OptimizerState optimizer;
    private readonly RandomKey key;
    private readonly Dictionary<int, Shape> shapes = [];
    private readonly GradientOf gradients;

    /// <summary>Plans the steps and takes the memory.</summary>
    /// <param name="graph">The network.</param>
    /// <param name="parameters">Its parameters in the graph's order, to be changed.</param>
    /// <param name="loss">What is made small.</param>
    /// <param name="optimizer">How.</param>
    /// <param name="batch">The largest batch.</param>
    /// <param name="seed">What the layers' random draws come from.</param>
    /// <param name="exact">Whether only algorithms may be taken that multiply what the definition multiplies.</param>
    /// <exception cref="InsufficientMemoryException">The run needs more memory than the machine has; nothing was taken.</exception>
    public TrainingRun(Graph graph, IReadOnlyList<Parameter> parameters, Loss loss, Optimizer optimizer, int batch, int seed, bool exact = false)
    {
        ArgumentNullException.ThrowIfNull(graph);
        ArgumentNullException.ThrowIfNull(parameters);
        ArgumentNullException.ThrowIfNull(loss);
        ArgumentNullException.ThrowIfNull(optimizer);
        Workers workers = Workers.Shared;
        Plan plan = Plan.Create(graph, PlanOptions.Training(batch, exact), workers.Count);
        MemoryForesight.RequireTraining(plan);
        session = new Session(plan, [.. parameters.Select(p => p.Value)], workers);
        this.loss = loss;
        this.optimizer = optimizer.Start(parameters, workers);
        key = RandomKey.Of(seed).Child("layers");
        gradients = session.Gradient;
    }

    /// <summary>The optimizer's memory, for checkpoints.</summary>
    public OptimizerState Optimizer => optimizer;

    /// <summary>Bytes of activations, gradients and scratch.</summary>
    public long Bytes => session.Plan.Bytes;

    /// <summary>One step.</summary>
    /// <param name="batch">The images and labels.</param>
    /// <param name="step">The number of the step, from 0: random draws depend on it.</param>
    /// <param name="point">What the schedule says for it.</param>
    /// <exception cref="TrainingException">The loss is not a finite number; what trains is then as before the step.</exception>
    public StepResult Step(Batch batch, int step, SchedulePoint point)
    {
        ArgumentNullException.ThrowIfNull(batch);
        int elements = batch.Count * batch.ImageShape.Count;
        batch.Images.AsSpan(0, elements).CopyTo(session.Input(batch.Count));
        session.Forward(batch.Count, key.Child(step));
        double value = loss.Value(session.Output, Outputs(batch.Count), Targets.OfLabels(batch.Labels.AsMemory(0, batch.Count)), session.OutputGradient);
        if (!double.IsFinite(value))
        {
            string where = FirstFault.Find(session.Plan.Graph, optimizer.Parameters, batch, key.Child(step), session.Plan.Options.Exact) is string first ? $", and the first numbers that are not finite are in {first}" : "";
            throw new TrainingException($"the loss of batch {batch.Position.Batch + 1} in epoch {batch.Position.Epoch + 1} is {value}{where}; use a smaller learning rate, warm it up, or clip the gradients");
        }

        int correct = Correct(batch);
        session.Backward();
        optimizer.Step(gradients, point);
        return new StepResult(value, correct, batch.Count);
    }

    /// <inheritdoc/>
    public void Dispose() => session.Dispose();

    // A shape for each batch size that comes up, so that a step allocates nothing.
    private Shape Outputs(int count)
    {
        if (!shapes.TryGetValue(count, out Shape? shape))
        {
            shape = session.Plan.Graph.OutputShape.Prepend(count);
            shapes.Add(count, shape);
        }

        return shape;
    }

    private int Correct(Batch batch)
    {
        ReadOnlySpan<float> outputs = session.Output;
        int classes = session.Plan.Graph.OutputShape.Count, correct = 0;
        for (int n = 0; n < batch.Count; n++)
        {
            correct += Ranking.Best(outputs.Slice(n * classes, classes)) == batch.Labels[n] ? 1 : 0;
        }

        return correct;
    }
}

/// <summary>Training cannot go on. The message says where it stopped and what to try.</summary>
public sealed class TrainingException : Exception
{
    /// <summary>Creates the exception from its sentence.</summary>
    public TrainingException(string message)
        : base(message) { }
}
