using Fovea.Core.Dispatch;
using Fovea.Core.Shapes;

namespace Fovea.Core.Operations;

/// <summary>How a window slides in a convolution, and who computes it.</summary>
public sealed record ConvolutionOptions
{
    /// <summary>The step between windows.</summary>
    public Size Stride { get; init; } = 1;

    /// <summary>The distance between taps.</summary>
    public Size Dilation { get; init; } = 1;

    /// <summary>The padding along the height.</summary>
    public Padding Vertical { get; init; } = Padding.Valid;

    /// <summary>The padding along the width.</summary>
    public Padding Horizontal { get; init; } = Padding.Valid;

    /// <summary>What the padding consists of.</summary>
    public Border Border { get; init; }

    /// <summary>Groups of channels that are convolved apart.</summary>
    public int Groups { get; init; } = 1;

    /// <summary>The algorithm by its name, as <see cref="Convolution.Algorithms(Shape, Shape, ConvolutionOptions)"/> lists them; null takes the cheapest.</summary>
    public string? Algorithm { get; init; }

    /// <summary>Whether only algorithms that multiply what the definition multiplies may be taken: no Winograd.</summary>
    public bool Exact { get; init; }

    /// <summary>The threads; <see cref="Dispatch.Workers.Shared"/> unless said.</summary>
    public Workers? Workers { get; init; }

    /// <summary>The same without padding: for an image that was padded before.</summary>
    internal ConvolutionOptions Inside => this with { Vertical = Padding.Valid, Horizontal = Padding.Valid, Border = Border.Zeros };

    internal AlgorithmChoice Choice => new(Algorithm, Exact);

    internal Workers Threads => Workers ?? Workers.Shared;
}
