using Fovea.Core.Dispatch;
using Fovea.Core.Shapes;

namespace Fovea.Core.Plans;

/// <summary>What a node may know when it is lowered.</summary>
/// <param name="Batch">The largest number of images.</param>
/// <param name="Inputs">The layouts in which its inputs come.</param>
/// <param name="Mode">Whether batch statistics and dropout are on.</param>
/// <param name="Choice">Which algorithms may be taken.</param>
/// <param name="HasBackward">Whether a backward pass will follow.</param>
/// <param name="InputGradient">Whether it must then give the gradient with respect to its inputs.</param>
/// <param name="ParameterGradient">Whether it must then give the gradients with respect to its parameters.</param>
/// <param name="WeightGradient">Whether the first of its parameters, the weight, is among these: not where only biases train.</param>
/// <param name="FusedRelu">Whether a ReLU that follows, or for a max pooling the one before it, is to be part of it.</param>
/// <param name="Activation">The activation that follows, if it is to be part of it.</param>
/// <param name="FoldedNorm">The batch normalisation, with running statistics, that is to be part of its weights and bias; its parameters follow the node's own.</param>
/// <param name="PlainOutput">Whether its output is wanted plain: those that can write it so do, sparing a conversion.</param>
/// <param name="Group">How many images its step is given at a time, where that is not the batch; algorithms are chosen for the batch all the same.</param>
public sealed record Lowering(
    int Batch,
    IReadOnlyList<Layout> Inputs,
    RunMode Mode,
    AlgorithmChoice Choice,
    bool HasBackward,
    bool InputGradient,
    bool ParameterGradient,
    bool WeightGradient,
    bool FusedRelu,
    Activation? Activation = null,
    BatchNormOptions? FoldedNorm = null,
    bool PlainOutput = false,
    int? Group = null);
