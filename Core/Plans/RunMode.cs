namespace Fovea.Core.Plans;

/// <summary>Whether layers behave as in training or as in use. Nothing else hangs on it: gradients are asked for apart.</summary>
public enum RunMode
{
    /// <summary>Running statistics, no dropout.</summary>
    Evaluation,

    /// <summary>Batch statistics and dropout.</summary>
    Training,
}
