using Fovea.Core.Plans;
using Fovea.Core.Shapes;

namespace Fovea.Core.Layers;

/// <summary>A layer that undoes a max pooling of the same network, and so is resolved together with it.</summary>
public interface IUnpool
{
    /// <summary>The max pooling's name: that of its stage, as the table lists it, or of the block that it was named with.</summary>
    string Pool { get; }

    /// <summary>The operation over values of a shape and what the max pooling was given.</summary>
    /// <exception cref="ShapeException">
    /// The values are not of the shape that the pooling gave, its windows overlap, or it pools images and the layer takes signals,
    /// or the other way round.
    /// </exception>
    Node Resolve(Shape input, Node pool);
}
