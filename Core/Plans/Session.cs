using System.Runtime.InteropServices;
using Fovea.Core.Dispatch;
using Fovea.Core.Memory;
using Fovea.Core.Randomness;
using Fovea.Core.Shapes;
using Fovea.Core.Tensors;

namespace Fovea.Core.Plans;

/// <summary>
/// A plan with memory and parameters: what runs. It takes its arena when it is made and nothing afterwards. It reads the
/// parameters where they are, so that an optimizer's changes count from the next step on. For one thread at a time.
/// </summary>
public sealed unsafe class Session : IDisposable
{
    private readonly AlignedMemory memory;
    private readonly StepFrame[] frames;
    private readonly GCHandle[] pins;
    private readonly Workers workers;
    private int images;

    /// <summary>Takes the memory and, for a plan without parameter gradients, packs the weights.</summary>
    /// <param name="plan">The plan.</param>
    /// <param name="parameters">The parameters in the graph's order.</param>
    /// <param name="workers">The threads; at most as many as the plan has scratch for.</param>
    /// <exception cref="InsufficientMemoryException">The plan needs more memory than the machine has.</exception>
    public Session(Plan plan, IReadOnlyList<Tensor> parameters, Workers workers)
    {
        ArgumentNullException.ThrowIfNull(plan);
        ArgumentNullException.ThrowIfNull(parameters);
        ArgumentNullException.ThrowIfNull(workers);
        if (workers.Count > plan.Workers)
        {
            throw new ArgumentException($"session: the plan has scratch for {plan.Workers} workers, got {workers.Count}", nameof(workers));
        }

        for (int p = 0; p < plan.Graph.Parameters.Count; p++)
        {
            GraphParameter wanted = plan.Graph.Parameters[p];
            if (p >= parameters.Count || parameters[p].Shape != wanted.Spec.Shape)
            {
                throw new ShapeException("session", $"parameter {wanted.Name} is {wanted.Spec.Shape}, got {(p < parameters.Count ? parameters[p].Shape : "none")}", "give the graph's own parameters");
            }
        }

        Plan = plan;
        this.workers = workers;
        memory = new AlignedMemory(plan.Floats);
        pins = [.. parameters.Select(p => GCHandle.Alloc(p.Values, GCHandleType.Pinned))];
        frames = [.. plan.Steps.Select(Frame)];
        if (!plan.Options.ParameterGradients)
        {
            Pack();
        }
    }

    /// <summary>Lets go of the parameters and, with the memory's own finaliser, of the memory.</summary>
    ~Session() => Unpin();

    /// <summary>What it runs.</summary>
    public Plan Plan { get; }

    /// <summary>The output of the last forward pass, plain; valid until the backward or the next forward pass.</summary>
    public ReadOnlySpan<float> Output => Batch(Plan.Ends.Output, Plan.Graph.OutputShape);

    /// <summary>Where the gradient of the output is to be written between the passes, plain.</summary>
    public Span<float> OutputGradient => Batch(Plan.Ends.OutputGradient, Plan.Graph.OutputShape);

    /// <summary>The gradient with respect to the images, plain, after a backward pass.</summary>
    public ReadOnlySpan<float> InputGradient => Batch(Plan.Ends.InputGradient, Plan.Graph.Input);

    /// <summary>Where the next batch's images are to be written, plain, before <see cref="Forward(int, RandomKey)"/>.</summary>
    public Span<float> Input(int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, Plan.Options.Batch);
        images = count;
        return Batch(Plan.Ends.Input, Plan.Graph.Input);
    }

    /// <summary>The gradient with respect to a parameter, after a backward pass; empty for one that does not train.</summary>
    public ReadOnlySpan<float> Gradient(int parameter) =>
        Plan.Ends.ParameterGradients[parameter] is var buffer && buffer >= 0 && Plan.Graph.Parameters[parameter].Trains
            ? new(At(buffer), Plan.Graph.Parameters[parameter].Spec.Shape.Count)
            : [];

    /// <summary>A copy of a vertex's output of the last forward pass; for plans that keep outputs.</summary>
    public Tensor Value(int vertex)
    {
        if (!Plan.Options.KeepOutputs)
        {
            throw new InvalidOperationException("session: the outputs were not kept; plan with KeepOutputs");
        }

        (int buffer, Layout layout) = Plan.Ends.Values[vertex + 1];
        Shape shape = Plan.Graph.ShapeOf(vertex + 1);
        ImageSizes sizes = ImageSizes.Of(shape);
        Tensor copy = Tensor.Zeros(shape.Prepend(images));
        fixed (float* target = copy.Values)
        {
            Images.Convert(images, sizes.C, sizes.Pixels, At(buffer), layout, target, Layout.Plain, workers);
        }

        return copy;
    }

    /// <summary>
    /// Packs the weights again, after they, or running statistics, were changed under a plan without parameter gradients.
    /// The output of the last forward pass is lost by that.
    /// </summary>
    public void Pack()
    {
        for (int i = 0; i < frames.Length; i++)
        {
            Plan.Steps[i].Step.Pack(frames[i]);
        }
    }

    /// <summary>Runs forward over the images that were written to <see cref="Input"/>.</summary>
    /// <param name="count">How many there are.</param>
    /// <param name="key">The key of this step's random draws.</param>
    public void Forward(int count, RandomKey key = default)
    {
        Input(count);
        for (int i = 0; i < frames.Length; i++)
        {
            frames[i].Images = count;
            frames[i].Key = key.Child(Plan.Steps[i].Vertex);
            ForwardStep(i);
        }
    }

    /// <summary>Runs backward from what was written to <see cref="OutputGradient"/>.</summary>
    public void Backward()
    {
        for (int i = frames.Length - 1; i >= 0; i--)
        {
            BackwardStep(i);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Unpin();
        memory.Dispose();
        GC.SuppressFinalize(this);
    }

    internal void ForwardStep(int i)
    {
        if (Plan.Options.ParameterGradients)
        {
            Plan.Steps[i].Step.Pack(frames[i]);
        }

        Plan.Steps[i].Step.Forward(frames[i]);
    }

    internal void BackwardStep(int i)
    {
        PlannedStep planned = Plan.Steps[i];
        if (planned.HasBackward)
        {
            planned.Step.PackBackward(frames[i]);
            planned.Step.Backward(frames[i]);
            Accumulate(planned.Dx);
            Accumulate(planned.ParameterGradients);
        }
    }

    private void Unpin()
    {
        foreach (ref GCHandle pin in (pins ?? []).AsSpan())
        {
            if (pin.IsAllocated)
            {
                pin.Free();
            }
        }
    }

    private void Accumulate(Target[] targets)
    {
        foreach (Target target in targets)
        {
            if (target.AddTo >= 0)
            {
                Dispatch.Elementwise.Add(At(target.AddTo), At(target.Write), At(target.AddTo), (images * target.ImageFloats) + target.Floats, workers);
            }
        }
    }

    private Span<float> Batch(int buffer, Shape shape) =>
        buffer < 0 ? throw new InvalidOperationException("session: the plan has no such buffer; ask for gradients when planning") : new(At(buffer), images * shape.Count);

    private float* At(int buffer) => buffer < 0 ? null : memory.Start + Plan.Offset(buffer);

    private StepFrame Frame(PlannedStep planned)
    {
        StepFrame frame = new(planned.X.Length, planned.Parameters.Length, workers)
        {
            Y = At(planned.Y),
            Dy = At(planned.Dy),
            Packed = At(planned.Packed),
            Packing = At(planned.Packing),
            BackwardPacked = At(planned.BackwardPacked),
            Saved = At(planned.Saved),
            Scratch = At(planned.Scratch),
            BackwardScratch = At(planned.BackwardScratch),
            Shared = At(planned.Shared),
            BackwardShared = At(planned.BackwardShared),
        };
        for (int k = 0; k < planned.X.Length; k++)
        {
            frame.X[k] = At(planned.X[k]);
            frame.Dx[k] = At(planned.Dx[k].Write);
        }

        for (int k = 0; k < planned.Parameters.Length; k++)
        {
            frame.Parameters[k] = (float*)pins[planned.Parameters[k]].AddrOfPinnedObject();
            frame.ParameterGradients[k] = At(planned.ParameterGradients[k].Write);
        }

        planned.Step.Prepare(frame);
        return frame;
    }
}
