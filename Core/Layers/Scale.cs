using System.Globalization;
using Fovea.Core.Plans;
using Fovea.Core.Shapes;

namespace Fovea.Core.Layers;

/// <summary>Every element times a constant: y = factor · x. Before the loss it sets how sharp the softmax is (its temperature is 1 / factor).</summary>
/// <param name="Factor">The constant.</param>
public sealed record Scale(double Factor) : Layer
{
    /// <inheritdoc/>
    public override string Kind => "scale";

    /// <inheritdoc/>
    public override Node Resolve(Shape input)
    {
        ArgumentNullException.ThrowIfNull(input);
        return !double.IsFinite(Factor) ? throw new ShapeException(ToString(), $"expected a finite factor, got {Factor.ToString(CultureInfo.InvariantCulture)}", "scale 0.5 halves every element")
            : input.Rank == 0 ? throw new ShapeException(ToString(), $"expected an image or a vector, got {input}", "give it something to scale")
            : new AffineNode(input, [.. Enumerable.Repeat(Factor, input[0])], [.. Enumerable.Repeat(0.0, input[0])]);
    }

    /// <inheritdoc/>
    protected override string Describe() => $"scale {Factor.ToString("0.####", CultureInfo.InvariantCulture)}";
}
