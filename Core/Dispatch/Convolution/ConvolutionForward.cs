using Fovea.Core.Shapes;

namespace Fovea.Core.Dispatch;

/// <summary>
/// An algorithm for y = x ⋆ w (+ bias, relu). Weights are packed once, then any number of batches run. Outputs may hold
/// anything beforehand; every one is written. The bits depend on the shape and the instruction set alone, never on the
/// number of workers, and never on the number of images that come along: image i of a batch has the bits that it has alone.
/// A dense layer is the convolution of one-pixel images (H = W = R = S = 1, D channels, K filters): the matrix products
/// are entries of these tables that accept such sizes and read and write plain rows.
/// </summary>
public abstract unsafe class ConvolutionForward
{
    /// <summary>The name by which the algorithm is printed and asked for.</summary>
    public abstract string Name { get; }

    /// <summary>Whether it multiplies what the definition multiplies: false for Winograd and Fourier.</summary>
    public virtual bool IsExact => true;

    /// <summary>Whether it can run these sizes on this machine's instruction set.</summary>
    public abstract bool Accepts(in ConvShape s);

    /// <summary>Estimated cycles of one core, packing included; the cheapest algorithm that accepts is taken.</summary>
    public abstract double Cost(in ConvShape s);

    /// <summary>The layout in which it reads x; an algorithm that reads both answers the one that is cheaper for it.</summary>
    public abstract Layout InputLayout(in ConvShape s);

    /// <summary>Whether it also reads the other layout.</summary>
    public virtual bool ReadsAnyLayout => false;

    /// <summary>The layout in which it writes y, or which is cheaper for it.</summary>
    public abstract Layout OutputLayout(in ConvShape s);

    /// <summary>Whether it also writes the other layout.</summary>
    public virtual bool WritesAnyLayout => false;

    /// <summary>Floats of the packed weights.</summary>
    public abstract long PackedFloats(in ConvShape s);

    /// <summary>Floats of scratch that each worker needs.</summary>
    public abstract long ScratchFloats(in ConvShape s);

    /// <summary>Packs plain K×(C/groups)×R×S weights.</summary>
    public abstract void Pack(in ConvShape s, float* weights, float* packed, Workers workers);

    /// <summary>Computes y.</summary>
    /// <param name="s">The sizes, with the number of images at hand.</param>
    /// <param name="x">Input in <paramref name="inputLayout"/>.</param>
    /// <param name="inputLayout">The layout of x: <see cref="InputLayout"/>, or any where <see cref="ReadsAnyLayout"/>.</param>
    /// <param name="packed">Packed weights.</param>
    /// <param name="epilogue">Bias and activation.</param>
    /// <param name="y">Output in <see cref="OutputLayout"/>; lanes past the last channel are written as zero, or as NaN beside NaN and ∞: no channel is ever computed from them.</param>
    /// <param name="scratch">Worker w's scratch begins at scratch + w·<see cref="ScratchFloats"/>.</param>
    /// <param name="workers">The threads.</param>
    public abstract void Run(in ConvShape s, float* x, Layout inputLayout, float* packed, Epilogue epilogue, float* y, float* scratch, Workers workers);

    /// <summary>Computes y in a layout: <see cref="OutputLayout"/>, or any where <see cref="WritesAnyLayout"/>. The bits are the same.</summary>
    public virtual void Run(in ConvShape s, float* x, Layout inputLayout, float* packed, Epilogue epilogue, float* y, Layout outputLayout, float* scratch, Workers workers)
    {
        if (outputLayout != OutputLayout(s))
        {
            throw new ArgumentException($"conv: the algorithm \"{Name}\" does not write the layout {outputLayout}");
        }

        Run(s, x, inputLayout, packed, epilogue, y, scratch, workers);
    }
}
