using Fovea.Core.Plans;
using Fovea.Core.Shapes;

namespace Fovea.Core.Layers;

/// <summary>
/// Max-unpooling of signals, C×L′ to the C×L that a <see cref="MaxPool1d"/> of the same network was given: PyTorch's
/// MaxUnpool1d, and <see cref="MaxUnpool2d"/> over images of height 1.
/// </summary>
/// <param name="Pool">The max pooling's name: that of its stage, as the table lists it, or of the block that it was named with.</param>
public sealed record MaxUnpool1d(string Pool) : SignalLayer, IUnpool
{
    /// <inheritdoc/>
    public override Layer Image => new MaxUnpool2d(Pool);

    /// <inheritdoc/>
    public override Node Resolve(Shape input) =>
        throw new ShapeException(ToString(), $"there is no max pool \"{Pool}\" before it", "name one: maxPool1d (2, name = \"pool1\")");

    /// <inheritdoc/>
    public Node Resolve(Shape input, Node pool)
    {
        ArgumentNullException.ThrowIfNull(input);
        if (pool is not SignalNode { Image: MaxPoolingNode image })
        {
            throw new ShapeException(ToString(), $"\"{Pool}\" is a pool of images, got {input} to unpool", "use maxUnpool");
        }

        if (pool.Output != input)
        {
            throw new ShapeException(ToString(), $"expected the shape that \"{Pool}\" gave, {pool.Output}, got {input}", "bring channels and length back to it first");
        }

        return new SignalNode(Named(() => new MaxUnpool2d(Pool).Resolve(AsImage(input), image)));
    }

    /// <inheritdoc/>
    protected override string Describe() => $"maxUnpool1d {Pool}";
}
