using System.Numerics;
using Fovea.Core.Shapes;

namespace Fovea.Core.Plans;

/// <summary>
/// An operation on images of known shape: what it computes, said with naive kernels in any precision (the witness), and
/// how it is lowered to a step over planned memory.
/// </summary>
public abstract class Node
{
    /// <summary>The operation's name, such as <c>conv</c>.</summary>
    public abstract string Name { get; }

    /// <summary>The shape of one image's output.</summary>
    public abstract Shape Output { get; }

    /// <summary>The parameters that it wants.</summary>
    public virtual IReadOnlyList<ParameterSpec> Parameters => [];

    /// <summary>Multiply-accumulates of the forward pass of one image.</summary>
    public virtual long Macs => 0;

    /// <summary>
    /// Floating-point operations of the forward pass of one image, as they are counted: two for each multiply-accumulate,
    /// a bias taking the place of the sum's missing addition. Other nodes say what they count.
    /// </summary>
    public virtual long Flops => 2 * Macs;

    /// <summary>What one output sees of the first input.</summary>
    public virtual Reach Reach => Reach.Pixel;

    /// <summary>Whether it only names the same elements by another shape.</summary>
    public virtual bool IsReshape => false;

    /// <summary>Whether a ReLU that follows can be part of it.</summary>
    public virtual bool FusesRelu => false;

    /// <summary>Whether any activation that follows may become part of its step.</summary>
    public virtual bool FusesActivation => false;

    /// <summary>Whether a batch normalisation that follows, with running statistics, can be part of its weights and bias.</summary>
    public virtual bool FoldsNorm => false;

    /// <summary>Whether its output is its input, whatever that is.</summary>
    public virtual bool IsIdentity(RunMode mode) => false;

    /// <summary>The operation as it is in a block whose parameters do not train.</summary>
    public virtual Node Frozen => this;

    /// <summary>Writes y, by the definition.</summary>
    public abstract void Forward<T>(WitnessFrame<T> frame)
        where T : IFloatingPointIeee754<T>;

    /// <summary>Writes dx and the parameters' gradients, by the definition.</summary>
    public abstract void Backward<T>(WitnessFrame<T> frame)
        where T : IFloatingPointIeee754<T>;

    /// <summary>The step that does it fast.</summary>
    public abstract Step Lower(Lowering lowering);
}
