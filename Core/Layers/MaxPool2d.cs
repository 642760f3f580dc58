using Fovea.Core.Plans;
using Fovea.Core.Shapes;

namespace Fovea.Core.Layers;

/// <summary>The maximum of each window. Padding counts as −∞, and every window has a real input.</summary>
/// <param name="Kernel">R×S.</param>
public sealed record MaxPool2d(Size Kernel) : Layer
{
    /// <summary>The step between windows; as large as the window unless it is said.</summary>
    public Size Stride { get; init; } = Kernel;

    /// <summary>The distance between taps.</summary>
    public Size Dilation { get; init; } = 1;

    /// <summary>The padding along the height.</summary>
    public Padding Vertical { get; init; } = Padding.Valid;

    /// <summary>The padding along the width.</summary>
    public Padding Horizontal { get; init; } = Padding.Valid;

    /// <summary>Whether a last, partial window counts.</summary>
    public bool Ceil { get; init; }

    /// <inheritdoc/>
    public override string Kind => "maxPool";

    /// <inheritdoc/>
    public override Node Resolve(Shape input)
    {
        RequireImage(input);
        return new MaxPoolingNode(Named(() => Pools.Sizes(input, Kernel, Stride, Dilation, Vertical, Horizontal, Ceil)));
    }

    /// <inheritdoc/>
    protected override string Describe() => Pools.Describe($"maxPool {Kernel}", Kernel, Stride, Dilation, Vertical, Horizontal, Ceil);
}
