using Fovea.Core.Dispatch;
using Fovea.Core.Shapes;

namespace Fovea.Core.Operations;

/// <summary>How a pool's window slides, and who computes it.</summary>
/// <param name="Kernel">R×S.</param>
public sealed record PoolOptions(Size Kernel)
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

    /// <summary>Whether padding counts as zeros in a mean, as it does in PyTorch unless one says otherwise.</summary>
    public bool CountPadding { get; init; } = true;

    /// <summary>What every window's sum is divided by in a mean, whatever of it is padding; null for its number of elements.</summary>
    public int? Divisor { get; init; }

    /// <summary>The algorithm by its name; null takes the first that runs the sizes.</summary>
    public string? Algorithm { get; init; }

    /// <summary>The threads; <see cref="Dispatch.Workers.Shared"/> unless said.</summary>
    public Workers? Workers { get; init; }

    internal Workers Threads => Workers ?? Workers.Shared;

    /// <summary>The sizes of a pooling of images of a shape.</summary>
    /// <exception cref="ShapeException">These are no images, or the window does not fit.</exception>
    public PoolShape Sizes(Shape x)
    {
        Ranks.Images("pool", x);
        return new PoolShape(
            x[0],
            x[1],
            x[2],
            x[3],
            Vertical.Resolve(x[2], Kernel.Height, Stride.Height, Dilation.Height, Ceil),
            Horizontal.Resolve(x[3], Kernel.Width, Stride.Width, Dilation.Width, Ceil));
    }

    /// <summary>An entry of a table by its name, or the first that accepts.</summary>
    internal TAlgorithm Pick<TAlgorithm>(IEnumerable<TAlgorithm> table, Func<TAlgorithm, string> name, Func<TAlgorithm, bool> accepts)
        where TAlgorithm : class =>
        table.FirstOrDefault(a => (Algorithm is null || name(a) == Algorithm) && accepts(a))
        ?? throw new ArgumentException($"pool: no algorithm \"{Algorithm}\" runs these sizes; there are {string.Join(", ", table.Where(accepts).Select(name))}");
}
