using Fovea.Core.Shapes;

namespace Fovea.Core.Plans;

/// <summary>The same elements by another shape, such as flattening. It costs nothing where the input lies plain.</summary>
public sealed class ReshapeNode : Node
{
    /// <summary>Creates the node.</summary>
    public ReshapeNode(Shape input, Shape output)
    {
        Output = input.Count == output.Count
            ? output
            : throw new ShapeException("reshape", $"{input} has {input.Count} elements and {output} has {output.Count}", "the numbers must be equal");
    }

    /// <inheritdoc/>
    public override string Name => "reshape";

    /// <inheritdoc/>
    public override Shape Output { get; }

    /// <inheritdoc/>
    public override bool IsReshape => true;

    /// <inheritdoc/>
    public override void Forward<T>(WitnessFrame<T> frame) => frame.X[0].CopyTo(frame.Y, 0);

    /// <inheritdoc/>
    public override void Backward<T>(WitnessFrame<T> frame) => frame.Dy.CopyTo(frame.Dx[0], 0);

    /// <inheritdoc/>
    public override Step Lower(Lowering lowering) => throw new InvalidOperationException("the planner gives a reshape no step of its own");
}
