using Fovea.Core.Dispatch;
using Fovea.Core.Memory;
using Fovea.Core.Shapes;
using Fovea.Core.Tensors;

namespace Fovea.Core.Plans;

/// <summary>
/// Lowers a graph: decides what fuses, asks every node for its step, puts conversions where layouts differ, and gives
/// every buffer the span of time in which it is needed. Time runs over the forward steps 0 … F − 1, the loss at F, and
/// the backward passes of steps F − 1 … 0 at F + 1 … 2F.
/// </summary>
internal sealed class Planner
{
    private readonly Graph graph;
    private readonly PlanOptions options;
    private readonly int workers;
    private readonly List<PlannedStep> steps = [];
    private readonly List<Buffer> buffers = [];
    private readonly Dictionary<(int Value, Layout Layout), int> places = [];
    private readonly Dictionary<int, int> gradientOf = [];
    private readonly (int Buffer, Layout Layout)[] homes;
    private readonly bool[] needsGradient;

    // The value whose ReLU the max pooling that reads it is to do; -1 where there is none.
    private int awaitedRelu = -1;

    public Planner(Graph graph, PlanOptions options, int workers)
    {
        this.graph = graph;
        this.options = options;
        this.workers = workers;
        homes = new (int, Layout)[graph.Vertices.Count + 1];
        needsGradient = GradientFlow.Of(graph, options);
    }

    public Plan Run()
    {
        int input = Place(Graph.InputValue, Layout.Plain, 0);
        homes[0] = (input, Layout.Plain);
        for (int v = 0; v < graph.Vertices.Count; v++)
        {
            if (graph.Vertices[v].Node.IsReshape)
            {
                Alias(v);
            }
            else if (graph.Vertices[v].Node.IsIdentity(options.Mode))
            {
                homes[v + 1] = homes[graph.Vertices[v].Inputs[0]];
                places[(v + 1, homes[v + 1].Layout)] = homes[v + 1].Buffer;
            }
            else
            {
                v = Lower(v);
            }
        }

        int output = In(graph.Output, Layout.Plain);
        int loss = steps.Count;
        int end = 2 * loss;
        buffers[input].Use(-1);
        buffers[output].Use(loss);
        PlanEnds ends = new(input, -1, output, -1, [], homes);
        foreach (Buffer kept in options.KeepOutputs ? homes.Select(h => buffers[h.Buffer]) : [])
        {
            kept.Use(end);
        }

        for (int i = 0; i < loss; i++)
        {
            UseForward(i, loss, end);
        }

        if (options.HasBackward)
        {
            ends = PlanBackward(ends, loss, end);
        }

        return new Plan(graph, options, workers, steps, [.. buffers.Select(b => b.Lifetime(options.Batch))], ends);
    }

    private bool Trains(Vertex vertex) => GradientFlow.Trains(graph, vertex, options);

    // The one that reads a vertex' output, where that is the next vertex and nobody else: what may become part of the first.
    private Vertex? OnlyReader(int v) =>
        !options.KeepOutputs
        && v + 1 < graph.Vertices.Count
        && graph.Output != v + 1
        && graph.Vertices[v + 1] is { Inputs: [var read] } next
        && read == v + 1
        && graph.Vertices.Count(u => u.Inputs.Contains(v + 1)) == 1
            ? next
            : null;

    // Maxima of what is negative are negative: a ReLU may as well come after a max pooling. There it has less to do, and the
    // backward pass needs its small output instead of the large input of the pooling.
    private bool IsPooledNext(int v) => options.HasBackward && OnlyReader(v)?.Node is MaxPoolingNode;

    // Weights are scaled where they do not change from call to call, and where they need not be multiplied as they are.
    private BatchNormOptions? FoldedNorm(int v) =>
        !options.HasBackward
        && !options.Exact
        && graph.Vertices[v].Node.FoldsNorm
        && OnlyReader(v)?.Node is BatchNormNode norm
        && !norm.OfBatch(options.Mode)
            ? norm.Options
            : null;

    // The network's output is plain, and so is what a reshape reads.
    private bool IsReadPlain(int value) =>
        graph.Output == value
        || (graph.Vertices.Any(u => u.Inputs.Contains(value)) && graph.Vertices.Where(u => u.Inputs.Contains(value)).All(u => u.Node.IsReshape));

    private void Alias(int v)
    {
        int buffer = In(graph.Vertices[v].Inputs[0], Layout.Plain);
        homes[v + 1] = (buffer, Layout.Plain);
        places[(v + 1, Layout.Plain)] = buffer;
    }

    // Answers the last vertex that is part of the step.
    private int Lower(int v)
    {
        Vertex vertex = graph.Vertices[v];
        BatchNormOptions? norm = FoldedNorm(v);
        int last = norm is null ? v : v + 1;
        bool relu = vertex.Node.FusesRelu && OnlyReader(last)?.Node is ActivationNode { Function.Kind: ActivationKind.Relu };
        Activation? activation = vertex.Node.FusesActivation ? (OnlyReader(last)?.Node as ActivationNode)?.Activation : null;
        last += relu || activation is not null ? 1 : 0;
        bool later = relu && IsPooledNext(last);
        bool awaited = awaitedRelu >= 0 && vertex.Inputs.Contains(awaitedRelu);
        bool hasBackward = needsGradient[v + 1];
        Lowering lowering = new(
            options.Batch,
            [.. vertex.Inputs.Select(i => homes[i].Layout)],
            options.Mode,
            options.Choice,
            hasBackward,
            vertex.Inputs.Any(i => needsGradient[i]),
            Trains(vertex),
            Trains(vertex) && graph.Parameters[vertex.Parameters[0]].Trains,
            (relu && !later) || awaited,
            activation,
            norm,
            IsReadPlain(last + 1));
        Step? pooled = WithPooling(v, last, lowering, later);
        Step step = pooled ?? vertex.Node.Lower(lowering);
        last += pooled is null ? 0 : 1;
        awaitedRelu = later && pooled is null ? last + 1 : -1;
        int[] x = [.. vertex.Inputs.Select((value, i) => In(value, step.Inputs[i]))];
        int y = Place(last + 1, step.Output, steps.Count);
        for (int value = v + 1; value <= last + 1; value++)
        {
            homes[value] = (y, step.Output);
            places[(value, step.Output)] = y;
        }

        Add(vertex.Name, v, step, hasBackward, x, y, [.. vertex.Parameters, .. norm is null ? [] : graph.Vertices[v + 1].Parameters]);
        return last;
    }

    // A convolution with the pooling that alone reads what it writes, where the batch had better go through both in groups: not
    // where the backward pass reads what lies between.
    private PooledConvolutionStep? WithPooling(int v, int last, Lowering lowering, bool poolsRelu)
    {
        if (graph.Vertices[v] is not { Node: ConvolutionNode convolution } vertex || OnlyReader(last)?.Node is not { } pooling || pooling is not (MaxPoolingNode or AveragePoolingNode))
        {
            return null;
        }

        // Every group reads the weights; those of gradients it writes as well.
        long[] gradients = [.. vertex.Parameters.Select((p, i) => lowering.HasBackward && lowering.ParameterGradient && (i > 0 || lowering.WeightGradient) ? (long)graph.Parameters[p].Spec.Shape.Count : 0)];
        long weights = gradients.Sum() + convolution.Shape.WeightCount;
        if (ImageGroups.Choose(options.Batch, ImageSizes.Of(convolution.Output).Batch(1, Layout.Blocked).ImageFloats, weights, options.Group, workers) is not { } groups)
        {
            return null;
        }

        Step first = convolution.Lower(lowering with { Group = groups.Images });
        Step second = pooling.Lower(lowering with { Inputs = [first.Output], InputGradient = lowering.HasBackward, FusedRelu = poolsRelu, Activation = null, FoldedNorm = null });
        return first.Output == second.Inputs[0] && !(lowering.HasBackward && first.KeepsOutput)
            ? new PooledConvolutionStep(first, second, groups, graph.ShapeOf(vertex.Inputs[0]), convolution.Output, pooling.Output, gradients)
            : null;
    }

    // The buffer that holds a value in a layout: its home, or a copy that a conversion makes once for all who ask.
    private int In(int value, Layout layout)
    {
        if (places.TryGetValue((value, layout), out int found))
        {
            return found;
        }

        (int home, Layout from) = homes[value];
        ImageSizes sizes = ImageSizes.Of(graph.ShapeOf(value));
        if (!Conversion.Of(sizes.C, sizes.Pixels, from, layout).IsNeeded)
        {
            places[(value, layout)] = home;
            return home;
        }

        int copy = Place(value, layout, steps.Count);
        Add("layout", -1, new ConvertStep(sizes.C, sizes.Pixels, from, layout), needsGradient[value], [home], copy, []);
        return copy;
    }

    private void Add(string name, int vertex, Step step, bool hasBackward, int[] x, int y, int[] parameters) =>
        steps.Add(new PlannedStep(name, vertex, step, hasBackward)
        {
            X = x,
            Y = y,
            Parameters = parameters,
            Dx = [.. x.Select(_ => Target.None)],
            ParameterGradients = [.. parameters.Select(_ => Target.None)],
        });

    private int Place(int value, Layout layout, int time)
    {
        ImageSizes sizes = ImageSizes.Of(graph.ShapeOf(value));
        int buffer = New(sizes.Batch(1, layout).ImageFloats, 0, time, time);
        places[(value, layout)] = buffer;
        return buffer;
    }

    private int New(long imageFloats, long floats, int first, int last)
    {
        buffers.Add(new Buffer(imageFloats, floats, first, last));
        return buffers.Count - 1;
    }

    private int NewUnlessEmpty(long imageFloats, long floats, int first, int last) =>
        imageFloats + floats == 0 ? -1 : New(imageFloats, floats, first, last);

    private void UseForward(int i, int loss, int end)
    {
        PlannedStep planned = steps[i];
        Step step = planned.Step;
        int backward = loss + loss - i;
        foreach (int x in planned.X)
        {
            buffers[x].Use(i);
        }

        buffers[planned.Y].Use(i);

        // Weights that do not change from call to call are packed once, when the session begins.
        planned.Packed = options.ParameterGradients
            ? NewUnlessEmpty(0, step.PackedFloats, i, i)
            : NewUnlessEmpty(0, step.PackedFloats, -1, end);
        int packing = options.ParameterGradients ? i : -1;
        planned.Packing = NewUnlessEmpty(0, step.PackingFloats, packing, packing);
        planned.Saved = NewUnlessEmpty(step.SavedFloats, step.SavedBatchFloats, i, planned.HasBackward ? backward : i);
        planned.Scratch = NewUnlessEmpty(0, step.ScratchFloats * workers, i, i);
        planned.Shared = NewUnlessEmpty(0, step.SharedFloats, i, i);
    }

    private PlanEnds PlanBackward(PlanEnds ends, int loss, int end)
    {
        // Steps give the gradients of all their parameters or of none, so those that do not train have a place beside the others.
        HashSet<int> computed = [.. graph.Vertices.Where(Trains).SelectMany(v => v.Parameters)];
        int[] parameterGradients = [.. graph.Parameters.Select((p, i) => computed.Contains(i) && p.Spec.Role != ParameterRole.Buffer ? New(0, p.Spec.Shape.Count, loss, end) : -1)];
        HashSet<int> written = [];
        int outputGradient = needsGradient[graph.Output] ? Gradient(ends.Output, loss) : New(buffers[ends.Output].ImageFloats, 0, loss, loss);
        written.Add(outputGradient);
        for (int i = loss - 1; i >= 0; i--)
        {
            PlannedStep planned = steps[i];
            if (!planned.HasBackward)
            {
                continue;
            }

            int time = loss + loss - i;
            Step step = planned.Step;
            planned.Dy = Gradient(planned.Y, time);
            buffers[planned.Dy].Use(time);
            foreach (int x in step.KeepsInput ? planned.X : [])
            {
                buffers[x].Use(time);
            }

            if (step.KeepsOutput)
            {
                buffers[planned.Y].Use(time);
            }

            planned.BackwardPacked = NewUnlessEmpty(0, step.BackwardPackedFloats, time, time);
            planned.BackwardScratch = NewUnlessEmpty(0, step.BackwardScratchFloats * workers, time, time);
            planned.BackwardShared = NewUnlessEmpty(0, step.BackwardSharedFloats, time, time);
            for (int k = 0; k < planned.X.Length; k++)
            {
                int value = planned.Vertex < 0 ? -1 : graph.Vertices[planned.Vertex].Inputs[k];
                if (value < 0 || needsGradient[value])
                {
                    planned.Dx[k] = IsFirstOver(planned, k, i, ends, outputGradient)
                        ? Over(gradientOf[planned.X[k]], written, time)
                        : Into(Gradient(planned.X[k], time), written, time);
                }
            }

            for (int k = 0; k < planned.Parameters.Length; k++)
            {
                if (parameterGradients[planned.Parameters[k]] is var gradient && gradient >= 0)
                {
                    planned.ParameterGradients[k] = Into(gradient, written, time);
                }
            }
        }

        int inputGradient = options.InputGradient && gradientOf.TryGetValue(ends.Input, out int g) ? g : -1;
        if (inputGradient >= 0)
        {
            buffers[inputGradient].Use(end);
        }

        return ends with { OutputGradient = outputGradient, InputGradient = inputGradient, ParameterGradients = parameterGradients };
    }

    private int Gradient(int buffer, int time)
    {
        if (!gradientOf.TryGetValue(buffer, out int gradient))
        {
            gradient = New(buffers[buffer].ImageFloats, 0, time, time);
            gradientOf[buffer] = gradient;
        }

        return gradient;
    }

    // Whether an input's gradient, which nothing has reached yet, is to lie over the output's, or over the input itself: where
    // the step allows it and nobody reads those afterwards.
    private bool IsFirstOver(PlannedStep planned, int k, int i, PlanEnds ends, int outputGradient)
    {
        int x = planned.X[k];
        if (gradientOf.ContainsKey(x) || options.KeepOutputs)
        {
            return false;
        }

        if (planned.Step.GradientInPlace && planned.Dy != outputGradient && buffers[planned.Dy].ImageFloats == buffers[x].ImageFloats)
        {
            gradientOf[x] = planned.Dy;
            return true;
        }

        if (planned.Step is { GradientReplacesInput: true, KeepsInput: true } && x != ends.Input && !steps.Take(i).Any(s => ReadsBackward(s, x)))
        {
            gradientOf[x] = x;
            return true;
        }

        return false;
    }

    private static bool ReadsBackward(PlannedStep planned, int buffer) =>
        planned.HasBackward && ((planned.Step.KeepsInput && planned.X.Contains(buffer)) || (planned.Step.KeepsOutput && planned.Y == buffer));

    private Target Over(int gradient, HashSet<int> written, int time)
    {
        written.Add(gradient);
        buffers[gradient].Use(time);
        return new Target(gradient, -1, buffers[gradient].ImageFloats, buffers[gradient].Floats);
    }

    // The first to reach a gradient writes it; every other one writes beside it and adds.
    private Target Into(int gradient, HashSet<int> written, int time)
    {
        buffers[gradient].Use(time);
        long image = buffers[gradient].ImageFloats, floats = buffers[gradient].Floats;
        return written.Add(gradient) ? new Target(gradient, -1, image, floats) : new Target(New(image, floats, time, time), gradient, image, floats);
    }

    private sealed class Buffer(long imageFloats, long floats, int first, int last)
    {
        public long ImageFloats => imageFloats;

        public long Floats => floats;

        public void Use(int time)
        {
            first = Math.Min(first, time);
            last = Math.Max(last, time);
        }

        public Lifetime Lifetime(int batch) => new((batch * imageFloats) + floats, first, last);
    }
}
