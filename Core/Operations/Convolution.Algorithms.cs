using System.Globalization;
using Fovea.Core.Dispatch;
using Fovea.Core.Shapes;

namespace Fovea.Core.Operations;

public static unsafe partial class Convolution
{
    /// <summary>
    /// The algorithms that run a convolution of these shapes, pass by pass, in the order of their tables: what can be
    /// named in <see cref="ConvolutionOptions.Algorithm"/>, and which are taken where none is.
    /// </summary>
    /// <param name="x">N×C×H×W.</param>
    /// <param name="w">K×(C/groups)×R×S.</param>
    /// <param name="options">Stride, padding, dilation, groups; and the choice, if it is not the default.</param>
    /// <returns>An entry for each algorithm of each pass that runs these shapes.</returns>
    /// <exception cref="ShapeException">The shapes do not fit together.</exception>
    public static IReadOnlyList<ConvolutionAlgorithm> Algorithms(Shape x, Shape w, ConvolutionOptions? options = null) =>
        Algorithms(Sizes(x, w, options), options);

    /// <summary>The algorithms that run a convolution of these sizes.</summary>
    public static IReadOnlyList<ConvolutionAlgorithm> Algorithms(ConvShape sizes, ConvolutionOptions? options = null)
    {
        ConvShape s = Judged(sizes);
        AlgorithmChoice choice = (options ?? new()).Choice;

        // A name may exist for one pass alone: the others then have no chosen one.
        string? Chosen(Func<string> choose)
        {
            try
            {
                return choose();
            }
            catch (ArgumentException) when (choice.Name is not null)
            {
                return null;
            }
        }

        string? forward = Chosen(() => ConvolutionTables.ChooseForward(s, choice).Name);
        string? backwardInput = Chosen(() => ConvolutionTables.ChooseBackwardInput(s, choice).Name);
        string? backwardWeights = Chosen(() => ConvolutionTables.ChooseBackwardWeights(s, choice).Name);
        return
        [
            .. ConvolutionTables.Forward.Where(a => a.Accepts(s))
                .Select(a => new ConvolutionAlgorithm(nameof(Forward), a.Name, a.IsExact, a.Cost(s) / s.N, a.Name == forward)),
            .. ConvolutionTables.BackwardInput.Where(a => a.Accepts(s))
                .Select(a => new ConvolutionAlgorithm(nameof(BackwardInput), a.Name, a.IsExact, a.Cost(s) / s.N, a.Name == backwardInput)),
            .. ConvolutionTables.BackwardWeights.Where(a => a.Accepts(s))
                .Select(a => new ConvolutionAlgorithm(nameof(BackwardWeights), a.Name, a.IsExact, a.Cost(s) / s.N, a.Name == backwardWeights)),
        ];
    }
}

/// <summary>An algorithm that runs a convolution of given sizes.</summary>
/// <param name="Pass">Forward, BackwardInput or BackwardWeights.</param>
/// <param name="Name">The name by which it is asked for.</param>
/// <param name="IsExact">Whether it multiplies what the definition multiplies.</param>
/// <param name="Cycles">Estimated cycles of one core for one image.</param>
/// <param name="IsChosen">Whether it is the one that is taken.</param>
public sealed record ConvolutionAlgorithm(string Pass, string Name, bool IsExact, double Cycles, bool IsChosen)
{
    /// <summary>One line, for lists.</summary>
    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"{Pass,-16} {Name,-21} {(IsExact ? "exact" : "rounded"),-8} {Cycles,14:N0} cycles an image{(IsChosen ? "  (chosen)" : "")}");
}
