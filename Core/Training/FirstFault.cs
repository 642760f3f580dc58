using Fovea.Core.Data;
using Fovea.Core.Dispatch;
using Fovea.Core.Plans;
using Fovea.Core.Randomness;
using Fovea.Core.Tensors;

namespace Fovea.Core.Training;

/// <summary>Where, along a network, a number is first not finite.</summary>
internal static class FirstFault
{
    /// <summary>What is to be looked at: the images, a parameter, or a layer's output; null where all of them are finite.</summary>
    /// <param name="graph">The network.</param>
    /// <param name="parameters">Its parameters.</param>
    /// <param name="batch">The batch whose loss went wrong.</param>
    /// <param name="key">The key of that step's random draws.</param>
    /// <param name="exact">Whether the step took only exact algorithms.</param>
    public static string? Find(Graph graph, IReadOnlyList<Parameter> parameters, Batch batch, RandomKey key, bool exact)
    {
        ReadOnlySpan<float> images = batch.Images.AsSpan(0, batch.Count * batch.ImageShape.Count);
        if (!IsFinite(images))
        {
            return "the images";
        }

        return parameters.FirstOrDefault(parameter => !IsFinite(parameter.Value.Values)) is Parameter parameter
            ? parameter.Name
            : Output(graph, parameters, batch.Count, images, key, exact);
    }

    private static string? Output(Graph graph, IReadOnlyList<Parameter> parameters, int count, ReadOnlySpan<float> images, RandomKey key, bool exact)
    {
        try
        {
            Plan plan = Plan.Create(graph, new PlanOptions(count, RunMode.Training, KeepOutputs: true, Exact: exact), Workers.Shared.Count);
            using Session session = new(plan, [.. parameters.Select(parameter => parameter.Value)], Workers.Shared);
            images.CopyTo(session.Input(count));
            session.Forward(count, key);
            int first = Enumerable.Range(0, graph.Vertices.Count).FirstOrDefault(vertex => !IsFinite(session.Value(vertex).Values), -1);
            return first < 0 ? null : $"the output of {graph.Vertices[first].Name}";
        }
        catch (InsufficientMemoryException)
        {
            return null; // It is a help, not a need.
        }
    }

    private static bool IsFinite(ReadOnlySpan<float> values)
    {
        foreach (float value in values)
        {
            if (!float.IsFinite(value))
            {
                return false;
            }
        }

        return true;
    }
}
