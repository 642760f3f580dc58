using Fovea.Core.Plans;
using Fovea.Core.Shapes;

namespace Fovea.Core.Layers;

/// <summary>The mean of each window.</summary>
/// <param name="Kernel">R×S.</param>
public sealed record AvgPool2d(Size Kernel) : Layer
{
    /// <summary>The step between windows; as large as the window unless it is said.</summary>
    public Size Stride { get; init; } = Kernel;

    /// <summary>The padding along the height.</summary>
    public Padding Vertical { get; init; } = Padding.Valid;

    /// <summary>The padding along the width.</summary>
    public Padding Horizontal { get; init; } = Padding.Valid;

    /// <summary>Whether a last, partial window counts.</summary>
    public bool Ceil { get; init; }

    /// <summary>Whether padding counts as zeros in the mean, as it does in PyTorch unless one says otherwise.</summary>
    public bool CountPadding { get; init; } = true;

    /// <summary>What every window's sum is divided by, whatever of it is padding; null for its number of elements.</summary>
    public int? Divisor { get; init; }

    /// <inheritdoc/>
    public override string Kind => "avgPool";

    /// <inheritdoc/>
    public override Node Resolve(Shape input)
    {
        RequireImage(input);
        if (Divisor < 1)
        {
            throw new ShapeException(ToString(), $"expected a divisor of 1 or more, got {Divisor}", "leave it away to divide by the window's elements");
        }

        PoolShape shape = Named(() => Pools.Sizes(input, Kernel, Stride, 1, Vertical, Horizontal, Ceil));
        return new AveragePoolingNode(shape, shape.Divisors(CountPadding, Divisor));
    }

    /// <inheritdoc/>
    protected override string Describe() => Pools.Describe($"avgPool {Kernel}", Kernel, Stride, 1, Vertical, Horizontal, Ceil) + (Divisor is null ? "" : $" divisor {Divisor}");
}
