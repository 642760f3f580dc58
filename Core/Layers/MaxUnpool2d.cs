using Fovea.Core.Plans;
using Fovea.Core.Shapes;

namespace Fovea.Core.Layers;

/// <summary>
/// Max-unpooling, as SegNet's decoder has it (Badrinarayanan, Kendall and Cipolla, 2015) and PyTorch's MaxUnpool2d: each value
/// goes back to where a max pooling of the same network found its maximum, with zeros elsewhere: C×P×Q to the C×H×W that
/// the pooling was given.
/// </summary>
/// <param name="Pool">The max pooling's name: that of its stage, as the table lists it, or of the block that it was named with.</param>
public sealed record MaxUnpool2d(string Pool) : Layer, IUnpool
{
    /// <inheritdoc/>
    public override string Kind => "maxUnpool";

    /// <inheritdoc/>
    public override Node Resolve(Shape input) =>
        throw new ShapeException(ToString(), $"there is no max pool \"{Pool}\" before it", "name one: maxPool (2, name = \"pool1\")");

    /// <inheritdoc/>
    public Node Resolve(Shape input, Node pool)
    {
        ArgumentNullException.ThrowIfNull(pool);
        if (pool is not MaxPoolingNode { Shape: var s })
        {
            throw new ShapeException(ToString(), $"\"{Pool}\" is a pool of signals, got {input} to unpool", "use maxUnpool1d");
        }

        if (pool.Output != input)
        {
            throw new ShapeException(ToString(), $"expected the shape that \"{Pool}\" gave, {pool.Output}, got {input}", "bring channels and size back to it first");
        }

        if (s.Vertical.Extent > s.Vertical.Stride || s.Horizontal.Extent > s.Horizontal.Stride)
        {
            throw new ShapeException(ToString(), $"the windows of \"{Pool}\" overlap, so that two values could have one place", "use a stride as large as the window");
        }

        return new MaxUnpoolingNode(s);
    }

    /// <inheritdoc/>
    protected override string Describe() => $"maxUnpool {Pool}";
}
