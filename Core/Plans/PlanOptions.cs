using Fovea.Core.Dispatch;

namespace Fovea.Core.Plans;

/// <summary>What a plan is for.</summary>
/// <param name="Batch">The largest number of images; smaller batches run the same plan.</param>
/// <param name="Mode">Whether batch statistics and dropout are on.</param>
/// <param name="ParameterGradients">Whether there are to be gradients with respect to the parameters that train.</param>
/// <param name="InputGradient">Whether there is to be the gradient with respect to the images.</param>
/// <param name="KeepOutputs">Whether every operation's output is kept to be read: the plan then runs unfused.</param>
/// <param name="Choice">Which algorithms may be taken.</param>
public sealed record PlanOptions(
    int Batch,
    RunMode Mode = RunMode.Evaluation,
    bool ParameterGradients = false,
    bool InputGradient = false,
    bool KeepOutputs = false,
    AlgorithmChoice Choice = default)
{
    /// <summary>Whether there is a backward pass.</summary>
    public bool HasBackward => ParameterGradients || InputGradient;

    /// <summary>A plan for training steps.</summary>
    public static PlanOptions Training(int batch, AlgorithmChoice choice = default) =>
        new(batch, RunMode.Training, ParameterGradients: true, Choice: choice);
}
