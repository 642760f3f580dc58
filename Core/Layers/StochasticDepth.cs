using System.Globalization;
using Fovea.Core.Plans;
using Fovea.Core.Randomness;
using Fovea.Core.Shapes;

namespace Fovea.Core.Layers;

/// <summary>
/// In training, what comes in becomes zero as a whole with a probability and is divided by what is left of 1 otherwise; in
/// evaluation nothing happens. At the end of a residual's body it leaves the shortcut alone now and then, so that the
/// network is trained at many depths (Huang, Sun, Liu, Sedra and Weinberger, "Deep networks with stochastic depth", 2016; as
/// torchvision's StochasticDepth). Draws depend on the seed, the step and the image, not on threads.
/// </summary>
/// <param name="Rate">The probability of dropping, 0..1.</param>
public sealed record StochasticDepth(double Rate) : Layer
{
    /// <summary>Whether the images of a batch are dropped or kept together (torchvision's "batch"), not each by itself ("row").</summary>
    public bool WholeBatch { get; init; }

    /// <inheritdoc/>
    public override string Kind => "stochasticDepth";

    /// <inheritdoc/>
    public override Node Resolve(Shape input)
    {
        ArgumentNullException.ThrowIfNull(input);
        Dropout.RequireProbability(this, Rate, "0.2 drops a fifth of the images");
        return new DropoutNode(input, Rate, WholeBatch ? DropScope.Batch : DropScope.Image);
    }

    /// <inheritdoc/>
    protected override string Describe() => string.Create(CultureInfo.InvariantCulture, $"stochasticDepth {Rate}{(WholeBatch ? " of whole batches" : "")}");
}
