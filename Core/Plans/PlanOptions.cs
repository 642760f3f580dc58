using Fovea.Core.Dispatch;

namespace Fovea.Core.Plans;

/// <summary>What a plan is for.</summary>
/// <param name="Batch">The largest number of images; smaller batches run the same plan.</param>
/// <param name="Mode">Whether batch statistics and dropout are on.</param>
/// <param name="ParameterGradients">Whether there are to be gradients with respect to the parameters that train.</param>
/// <param name="InputGradient">Whether there is to be the gradient with respect to the images.</param>
/// <param name="KeepOutputs">Whether every operation's output is kept to be read: the plan then runs unfused.</param>
/// <param name="Algorithm">The convolutions' forward algorithm by name; null to let the cost decide.</param>
/// <param name="Exact">Whether only algorithms may be taken that multiply what the definition multiplies.</param>
/// <param name="Group">How many images at a time go through a convolution and the pooling after it; null to let the sizes decide, the batch or more for all at once.</param>
public sealed record PlanOptions(
    int Batch,
    RunMode Mode = RunMode.Evaluation,
    bool ParameterGradients = false,
    bool InputGradient = false,
    bool KeepOutputs = false,
    string? Algorithm = null,
    bool Exact = false,
    int? Group = null)
{
    /// <summary>Whether there is a backward pass.</summary>
    public bool HasBackward => ParameterGradients || InputGradient;

    /// <summary>Which algorithms may be taken.</summary>
    public AlgorithmChoice Choice => new(Algorithm, Exact);

    /// <summary>A plan for training steps.</summary>
    public static PlanOptions Training(int batch, bool exact = false) =>
        new(batch, RunMode.Training, ParameterGradients: true, Exact: exact);
}
