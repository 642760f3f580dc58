using System.Globalization;
using Fovea.Core.Plans;
using Fovea.Core.Shapes;

namespace Fovea.Core.Layers;

/// <summary>
/// The p-norm of each window, (Σ xᵖ)^(1/p), as PyTorch's LPPool2d: a last, partial window is scaled up to the full number of
/// elements, and a negative sum of an odd power has no root (NaN). p = 1 is the sum, 2 the Euclidean norm.
/// </summary>
/// <param name="Norm">p, positive and finite.</param>
/// <param name="Kernel">R×S.</param>
public sealed record LpPool2d(double Norm, Size Kernel) : Layer
{
    /// <summary>The step between windows; as large as the window unless it is said.</summary>
    public Size Stride { get; init; } = Kernel;

    /// <summary>Whether a last, partial window counts.</summary>
    public bool Ceil { get; init; }

    /// <inheritdoc/>
    public override string Kind => "lpPool";

    /// <inheritdoc/>
    public override Node Resolve(Shape input)
    {
        RequireImage(input);
        if (!(Norm > 0 && double.IsFinite(Norm)))
        {
            throw new ShapeException(ToString(), $"expected a positive norm, got {Norm.ToString(CultureInfo.InvariantCulture)}", "2 is the Euclidean one; maxPool is the limit");
        }

        return new LpPoolingNode(Named(() => Pools.Sizes(input, Kernel, Stride, 1, Padding.Valid, Padding.Valid, Ceil)), Norm);
    }

    /// <inheritdoc/>
    protected override string Describe() =>
        Pools.Describe(string.Create(CultureInfo.InvariantCulture, $"lpPool {Norm} {Kernel}"), Kernel, Stride, 1, Padding.Valid, Padding.Valid, Ceil);
}
