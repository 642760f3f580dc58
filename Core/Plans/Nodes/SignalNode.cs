using Fovea.Core.Shapes;

namespace Fovea.Core.Plans;

/// <summary>
/// An operation on signals: that on images of height 1, whose output C×1×L and weights K×C×1×S lose the extent of 1.
/// </summary>
public sealed class SignalNode : Node
{
    private readonly Node image;

    /// <summary>Creates the node.</summary>
    /// <param name="image">The operation on images of height 1.</param>
    public SignalNode(Node image)
    {
        ArgumentNullException.ThrowIfNull(image);
        this.image = image;
        Output = new Shape(image.Output[0], image.Output[2]);
        Parameters = [.. image.Parameters.Select(p => p.Shape.Rank == 4 ? p with { Shape = new Shape(p.Shape[0], p.Shape[1], p.Shape[3]) } : p)];
    }

    /// <summary>The operation on images of height 1.</summary>
    public Node Image => image;

    /// <inheritdoc/>
    public override string Name => image.Name;

    /// <inheritdoc/>
    public override Shape Output { get; }

    /// <inheritdoc/>
    public override IReadOnlyList<ParameterSpec> Parameters { get; }

    /// <inheritdoc/>
    public override long Macs => image.Macs;

    /// <inheritdoc/>
    public override long Flops => image.Flops;

    /// <inheritdoc/>
    public override Reach Reach => image.Reach;

    /// <inheritdoc/>
    public override bool FusesRelu => image.FusesRelu;

    /// <inheritdoc/>
    public override bool FoldsNorm => image.FoldsNorm;

    /// <inheritdoc/>
    public override void Forward<T>(WitnessFrame<T> frame) => image.Forward(frame);

    /// <inheritdoc/>
    public override void Backward<T>(WitnessFrame<T> frame) => image.Backward(frame);

    /// <inheritdoc/>
    public override Step Lower(Lowering lowering) => image.Lower(lowering);
}
