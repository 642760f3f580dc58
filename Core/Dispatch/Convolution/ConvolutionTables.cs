using System.Collections.Immutable;
using Fovea.Core.Shapes;

namespace Fovea.Core.Dispatch;

/// <summary>
/// The convolution algorithms, one table a pass, the last of which accepts everything. Of those that accept a shape the
/// one of least estimated cost is taken: a decision from shape and instruction set alone, never from a clock.
/// </summary>
public static class ConvolutionTables
{
    /// <summary>
    /// The batch for which algorithms are chosen outside training, whatever batch is at hand: so that what a network
    /// answers for an image does not depend on how many others are asked for at once.
    /// </summary>
    public const int EvaluationBatch = 32;

    /// <summary>The forward pass.</summary>
    public static ImmutableArray<ConvolutionForward> Forward { get; } =
        [new DenseForward(), new WinogradForward(), new WinogradLateForward(), new WinogradStridedForward(late: false), new WinogradStridedForward(late: true), new FourierForward(), new DirectForward(), new StemForward(), new RowWinogradForward(), new ColumnWinogradForward(), new DepthwiseForward(), new GroupsForward(), new NaiveConvolutionForward()];

    /// <summary>The gradient with respect to the input.</summary>
    public static ImmutableArray<ConvolutionBackwardInput> BackwardInput { get; } =
        [new DenseBackwardInput(), new WinogradBackwardInput(), new WinogradLateBackwardInput(), new WinogradStridedBackwardInput(late: false), new WinogradStridedBackwardInput(late: true), new FourierBackwardInput(), new DirectBackwardInput(), new StemBackwardInput(), new DepthwiseBackwardInput(), new GroupsBackwardInput(), new NaiveConvolutionBackwardInput()];

    /// <summary>The gradient with respect to the weights.</summary>
    public static ImmutableArray<ConvolutionBackwardWeights> BackwardWeights { get; } =
        [new DenseBackwardWeights(), new WinogradBackwardWeights(), new WinogradStridedBackwardWeights(), new FourierBackwardWeights(), new DirectBackwardWeights(), new StemBackwardWeights(), new DepthwiseBackwardWeights(), new GroupsBackwardWeights(), new NaiveConvolutionBackwardWeights()];

    /// <summary>The forward algorithm for these sizes.</summary>
    /// <exception cref="ArgumentException">The choice names an algorithm that does not exist or does not accept the sizes.</exception>
    public static ConvolutionForward ChooseForward(ConvShape s, AlgorithmChoice choice = default) =>
        choice.Pick(Forward, s, a => a.Name, a => a.Accepts(s), a => a.IsExact, a => a.Cost(s));

    /// <inheritdoc cref="ChooseForward"/>
    public static ConvolutionBackwardInput ChooseBackwardInput(ConvShape s, AlgorithmChoice choice = default) =>
        choice.Pick(BackwardInput, s, a => a.Name, a => a.Accepts(s), a => a.IsExact, a => a.Cost(s));

    /// <inheritdoc cref="ChooseForward"/>
    public static ConvolutionBackwardWeights ChooseBackwardWeights(ConvShape s, AlgorithmChoice choice = default) =>
        choice.Pick(BackwardWeights, s, a => a.Name, a => a.Accepts(s), a => a.IsExact, a => a.Cost(s));
}
