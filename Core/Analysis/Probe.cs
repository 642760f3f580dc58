using Fovea.Core.Plans;
using Fovea.Core.Tensors;

namespace Fovea.Core.Analysis;

/// <summary>A vertex that changes nothing and tells what passes it.</summary>
internal static class Probe
{
    /// <summary>The graph with a probe behind a vertex: everything that read the vertex reads the probe.</summary>
    public static Graph After(Graph graph, int vertex, Action<Tensor> forward, Action<Tensor> backward)
    {
        int seen = vertex + 1;
        var node = new CustomNode("probe", graph.ShapeOf(seen), graph.ShapeOf(seen), [], new CustomFunctions(Forward, Backward));
        IEnumerable<Vertex> before = graph.Vertices.Take(seen);
        IEnumerable<Vertex> after = graph.Vertices.Skip(seen).Select(v => v with { Inputs = [.. v.Inputs.Select(Moved)] });
        return graph.Rebuilt([.. before, new Vertex("probe", node, [seen], []), .. after], Moved(graph.Output));

        int Moved(int value) => value >= seen ? value + 1 : value;

        Tensor Forward(Tensor x, IReadOnlyList<Tensor> none)
        {
            forward(x);
            return x;
        }

        (Tensor Dx, IReadOnlyList<Tensor> Parameters) Backward(Tensor x, IReadOnlyList<Tensor> none, Tensor y, Tensor dy)
        {
            backward(dy);
            return (dy, []);
        }
    }
}
