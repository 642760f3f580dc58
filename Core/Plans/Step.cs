using Fovea.Core.Dispatch;
using Fovea.Core.Randomness;
using Fovea.Core.Shapes;

namespace Fovea.Core.Plans;

/// <summary>
/// A lowered operation: its algorithms, the layouts it reads and writes, the memory it needs, and its two passes over
/// pointers. It holds no memory and no data itself, so that sessions share it.
/// </summary>
public abstract unsafe class Step
{
    /// <summary>The algorithms, as they are printed: <c>winograd</c>, <c>direct · direct · direct</c>.</summary>
    public virtual string Algorithm => "";

    /// <summary>The layout of each input, and of its gradient.</summary>
    public abstract IReadOnlyList<Layout> Inputs { get; }

    /// <summary>The layout of the output, and of its gradient.</summary>
    public abstract Layout Output { get; }

    /// <summary>Whether the backward pass reads the inputs.</summary>
    public virtual bool KeepsInput => false;

    /// <summary>Whether the backward pass reads the output.</summary>
    public virtual bool KeepsOutput => false;

    /// <summary>Whether the input's gradient may be written over the output's.</summary>
    public virtual bool GradientInPlace => false;

    /// <summary>Whether the input's gradient may be written over the input: the backward pass has read it by then.</summary>
    public virtual bool GradientReplacesInput => false;

    /// <summary>Floats of weights packed for the forward pass.</summary>
    public virtual long PackedFloats => 0;

    /// <summary>Floats that packing for the forward pass needs for the time being.</summary>
    public virtual long PackingFloats => 0;

    /// <summary>Floats of weights packed for the backward pass.</summary>
    public virtual long BackwardPackedFloats => 0;

    /// <summary>Floats that an image keeps from the forward to the backward pass, besides inputs and output.</summary>
    public virtual long SavedFloats => 0;

    /// <summary>Floats that the whole batch keeps from the forward to the backward pass.</summary>
    public virtual long SavedBatchFloats => 0;

    /// <summary>Floats of scratch of each worker in the forward pass.</summary>
    public virtual long ScratchFloats => 0;

    /// <summary>Floats of scratch of each worker in the backward pass.</summary>
    public virtual long BackwardScratchFloats => 0;

    /// <summary>Floats of scratch that the workers share in the forward pass, for the largest batch.</summary>
    public virtual long SharedFloats => 0;

    /// <summary>Floats of scratch that the workers share in the backward pass, for the largest batch.</summary>
    public virtual long BackwardSharedFloats => 0;

    /// <summary>Makes what the passes need beside the arena, once, when a session begins: they allocate nothing themselves.</summary>
    public virtual void Prepare(StepFrame frame) { }

    /// <summary>Packs the weights for the forward pass.</summary>
    public virtual void Pack(StepFrame frame) { }

    /// <summary>Packs the weights for the backward pass, just before it.</summary>
    public virtual void PackBackward(StepFrame frame) { }

    /// <summary>Writes y.</summary>
    public abstract void Forward(StepFrame frame);

    /// <summary>Writes dx and the parameters' gradients, as far as they are wanted. It may overwrite dy.</summary>
    public abstract void Backward(StepFrame frame);
}

/// <summary>Where a step's data lies in one session, and how many images there are at present.</summary>
public sealed unsafe class StepFrame
{
    internal StepFrame(int inputs, int parameters, Workers workers)
    {
        X = new float*[inputs];
        Dx = new float*[inputs];
        Parameters = new float*[parameters];
        ParameterGradients = new float*[parameters];
        Workers = workers;
    }

    /// <summary>Images at hand; may be 0.</summary>
    public int Images { get; internal set; }

    /// <summary>The inputs.</summary>
    public float*[] X { get; }

    /// <summary>The output.</summary>
    public float* Y { get; internal set; }

    /// <summary>The inputs' gradients; null where not wanted.</summary>
    public float*[] Dx { get; }

    /// <summary>The output's gradient.</summary>
    public float* Dy { get; internal set; }

    /// <summary>The parameters.</summary>
    public float*[] Parameters { get; }

    /// <summary>The parameters' gradients; null where not wanted.</summary>
    public float*[] ParameterGradients { get; }

    /// <summary>The weights packed for the forward pass.</summary>
    public float* Packed { get; internal set; }

    /// <summary>Scratch of packing the weights for the forward pass.</summary>
    public float* Packing { get; internal set; }

    /// <summary>Room for the weights packed for the backward pass.</summary>
    public float* BackwardPacked { get; internal set; }

    /// <summary>What is kept from the forward to the backward pass.</summary>
    public float* Saved { get; internal set; }

    /// <summary>Each worker's scratch, one after the other, in the forward pass.</summary>
    public float* Scratch { get; internal set; }

    /// <summary>Each worker's scratch, one after the other, in the backward pass.</summary>
    public float* BackwardScratch { get; internal set; }

    /// <summary>Scratch that all share, in the forward pass.</summary>
    public float* Shared { get; internal set; }

    /// <summary>Scratch that all share, in the backward pass.</summary>
    public float* BackwardShared { get; internal set; }

    /// <summary>The frames of the steps that it runs itself.</summary>
    internal StepFrame[] Inner { get; set; } = [];

    /// <summary>The key of this step's random draws.</summary>
    public RandomKey Key { get; internal set; }

    /// <summary>The threads.</summary>
    public Workers Workers { get; }
}
