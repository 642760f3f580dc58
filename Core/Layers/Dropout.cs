using System.Globalization;
using Fovea.Core.Plans;
using Fovea.Core.Randomness;
using Fovea.Core.Shapes;

namespace Fovea.Core.Layers;

/// <summary>
/// In training, each element becomes zero with a probability and is divided by what is left of 1 otherwise, so that its mean
/// stays (Srivastava et al., "Dropout", 2014); in evaluation nothing happens. Draws depend on the seed, the step, the image
/// and the element's position, not on threads.
/// </summary>
/// <param name="Rate">The probability of dropping, 0..1.</param>
public sealed record Dropout(double Rate) : Layer
{
    /// <summary>Whether channels are dropped as wholes, since neighbouring pixels say the same (Tompson et al., 2015).</summary>
    public bool Spatial { get; init; }

    /// <inheritdoc/>
    public override string Kind => Spatial ? "spatialDropout" : "dropout";

    /// <inheritdoc/>
    public override Node Resolve(Shape input)
    {
        ArgumentNullException.ThrowIfNull(input);
        RequireProbability(this, Rate, "0.5 drops half of the elements");
        if (Spatial && input.Rank != 2)
        {
            RequireImage(input);
        }

        return new DropoutNode(input, Rate, Spatial ? DropScope.Channel : DropScope.Element);
    }

    /// <summary>That a rate is a probability.</summary>
    internal static void RequireProbability(Layer layer, double rate, string mend)
    {
        if (!(rate >= 0 && rate <= 1))
        {
            throw new ShapeException($"{layer}", $"expected a probability 0..1, got {rate.ToString(CultureInfo.InvariantCulture)}", mend);
        }
    }

    /// <inheritdoc/>
    protected override string Describe() => string.Create(CultureInfo.InvariantCulture, $"{Kind} {Rate}");
}
