namespace Fovea.Core.Plans;

/// <summary>Where a gradient has to arrive: at what trains, and at whatever lies between that and the output.</summary>
internal static class GradientFlow
{
    /// <summary>For every value of the graph, whether its gradient is needed.</summary>
    public static bool[] Of(Graph graph, PlanOptions options)
    {
        bool[] needs = new bool[graph.Vertices.Count + 1];
        bool[] live = new bool[needs.Length];
        needs[0] = options.InputGradient;
        live[graph.Output] = true;
        for (int v = graph.Vertices.Count - 1; v >= 0; v--)
        {
            foreach (int value in live[v + 1] ? graph.Vertices[v].Inputs : [])
            {
                live[value] = true;
            }
        }

        for (int v = 0; v < graph.Vertices.Count; v++)
        {
            Vertex vertex = graph.Vertices[v];
            needs[v + 1] = live[v + 1] && (Trains(graph, vertex, options) || vertex.Inputs.Any(i => needs[i]));
        }

        return needs;
    }

    /// <summary>Whether gradients are wanted with respect to one of a vertex's parameters.</summary>
    public static bool Trains(Graph graph, Vertex vertex, PlanOptions options) =>
        options.ParameterGradients && vertex.Parameters.Any(p => graph.Parameters[p].Trains);
}
