using Fovea.Core.Memory;

namespace Fovea.Core.Plans;

/// <summary>What a network will take, known before any of it is taken.</summary>
public static class MemoryForesight
{
    /// <summary>Refuses a network whose parameters this machine has no room for.</summary>
    /// <exception cref="InsufficientMemoryException">The sentence has both figures.</exception>
    public static void Require(Graph graph)
    {
        ArgumentNullException.ThrowIfNull(graph);
        MachineMemory.Require(ParameterBytes(graph), "model: for its parameters", "use fewer filters, smaller dense layers, or a global pool before them");
    }

    /// <summary>
    /// Refuses a training run that this machine has no room for: the plan's activations, gradients and scratch, and the
    /// parameters three times, since those of the best epoch and what an optimizer remembers of each are kept beside them.
    /// </summary>
    /// <exception cref="InsufficientMemoryException">The sentence has both figures.</exception>
    public static void RequireTraining(Plan plan)
    {
        ArgumentNullException.ThrowIfNull(plan);
        MachineMemory.Require(
            plan.Bytes + (3 * ParameterBytes(plan.Graph)),
            $"training: for a batch of {plan.Options.Batch}, weights and optimizer",
            "use a smaller batch, smaller images or fewer filters");
    }

    private static long ParameterBytes(Graph graph) => graph.Parameters.Sum(parameter => (long)parameter.Spec.Shape.Count * sizeof(float));
}
