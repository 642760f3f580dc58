using Fovea.Core.Memory;

namespace Fovea.Core.Plans;

/// <summary>
/// A graph lowered to steps over planned memory: each with its algorithms, what is fused into it, the layouts, and a
/// place in one arena for every buffer, from the time that it is needed. A plan holds no data: sessions run it.
/// </summary>
public sealed class Plan
{
    private readonly ArenaPlan arena;

    internal Plan(Graph graph, PlanOptions options, int workers, IReadOnlyList<PlannedStep> steps, IReadOnlyList<Lifetime> buffers, PlanEnds ends)
    {
        Graph = graph;
        Options = options;
        Workers = workers;
        Steps = steps;
        Ends = ends;
        arena = ArenaPlan.Place(buffers);
    }

    /// <summary>What is run.</summary>
    public Graph Graph { get; }

    /// <summary>What it is run for.</summary>
    public PlanOptions Options { get; }

    /// <summary>For how many workers there is scratch.</summary>
    public int Workers { get; }

    /// <summary>Bytes that a session takes: activations, gradients, packed weights and scratch, beside the parameters themselves.</summary>
    public long Bytes => arena.Floats * sizeof(float);

    internal long Floats => arena.Floats;

    internal IReadOnlyList<PlannedStep> Steps { get; }

    internal PlanEnds Ends { get; }

    /// <summary>Lowers a graph.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="options">What the plan is for.</param>
    /// <param name="workers">For how many workers there is to be scratch.</param>
    public static Plan Create(Graph graph, PlanOptions options, int workers)
    {
        ArgumentNullException.ThrowIfNull(graph);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Batch, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Group ?? 1, 1);
        return new Planner(graph, options, workers).Run();
    }

    /// <summary>A line a step: its stage, its algorithms and the bytes of its output for the largest batch.</summary>
    public override string ToString() =>
        string.Join(
            Environment.NewLine,
            Steps.Select(s => $"{s.Name,-16} {s.Step.Algorithm,-40} {s.Step.Output.ToString().ToLowerInvariant()}")
                .Append($"{Bytes / 1e6:N1} MB for a batch of {Options.Batch}, {Workers} workers"));

    internal long Offset(int buffer) => arena.Offsets[buffer];
}

/// <summary>A step in its place. Buffers are numbers into the arena's plan; −1 where there is none.</summary>
internal sealed record PlannedStep(string Name, int Vertex, Step Step, bool HasBackward)
{
    public required int[] X { get; init; }

    public required int Y { get; init; }

    public required int[] Parameters { get; init; }

    public int Packed { get; set; } = -1;

    public int Packing { get; set; } = -1;

    public int BackwardPacked { get; set; } = -1;

    public int Saved { get; set; } = -1;

    public int Scratch { get; set; } = -1;

    public int BackwardScratch { get; set; } = -1;

    public int Shared { get; set; } = -1;

    public int BackwardShared { get; set; } = -1;

    public int Dy { get; set; } = -1;

    public required Target[] Dx { get; init; }

    public required Target[] ParameterGradients { get; init; }
}

/// <summary>Where a gradient is written: straight to its place, or beside it and then added.</summary>
internal readonly record struct Target(int Write, int AddTo, long ImageFloats, long Floats)
{
    public static Target None { get; } = new(-1, -1, 0, 0);
}

/// <summary>The buffers through which a session is fed and read.</summary>
internal sealed record PlanEnds(int Input, int InputGradient, int Output, int OutputGradient, int[] ParameterGradients, (int Buffer, Shapes.Layout Layout)[] Values);
