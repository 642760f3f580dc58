using Fovea.Core.Shapes;

namespace Fovea.Core.Data;

/// <summary>
/// A random change of a training image that leaves its class what it is. An augmentation is a value without state:
/// one instance serves any number of threads.
/// </summary>
public abstract class Augmentation
{
    /// <summary>How it is written in a script: <c>shift 2</c>.</summary>
    public abstract string Name { get; }

    /// <summary>Writes the changed image.</summary>
    /// <param name="source">The image, C×H×W, floats 0..1.</param>
    /// <param name="target">Room for the changed image, of the same shape, another span than the source.</param>
    /// <param name="image">The shape of both: (C, H, W).</param>
    /// <param name="draws">The random draws, the only ones that it may use.</param>
    public abstract void Apply(ReadOnlySpan<float> source, Span<float> target, Shape image, in Draws draws);

    /// <inheritdoc/>
    public sealed override string ToString() => Name;
}
