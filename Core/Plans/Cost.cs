namespace Fovea.Core.Plans;

/// <summary>
/// What a vertex computes for one image. The backward pass is that of a training step, with what is really computed there:
/// a convolution multiplies as often as forward for the gradient of its input, where anything before it trains, and again
/// for that of its weights, where they train. Nodes without multiply-accumulates count as many operations backward as
/// forward.
/// </summary>
/// <param name="Macs">Multiply-accumulates forward.</param>
/// <param name="Flops">Floating-point operations forward, as <see cref="Node.Flops"/> counts them.</param>
/// <param name="BackwardMacs">Multiply-accumulates backward.</param>
/// <param name="BackwardFlops">Floating-point operations backward.</param>
public readonly record struct Cost(long Macs, long Flops, long BackwardMacs, long BackwardFlops)
{
    /// <summary>The costs of a graph's vertices.</summary>
    public static IReadOnlyList<Cost> Of(Graph graph)
    {
        ArgumentNullException.ThrowIfNull(graph);
        PlanOptions options = PlanOptions.Training(1);
        bool[] needs = GradientFlow.Of(graph, options);
        return [.. graph.Vertices.Select((vertex, v) => OfVertex(vertex, needs[v + 1] && vertex.Inputs.Any(i => needs[i]), needs[v + 1] && GradientFlow.Trains(graph, vertex, options)))];
    }

    private static Cost OfVertex(Vertex vertex, bool input, bool weights)
    {
        (long macs, long flops) = (vertex.Node.Macs, vertex.Node.Flops);
        int passes = (input ? 1 : 0) + (weights ? 1 : 0);
        return macs > 0
            ? new Cost(macs, flops, macs * passes, flops * passes)
            : new Cost(macs, flops, 0, passes > 0 ? flops : 0);
    }
}
