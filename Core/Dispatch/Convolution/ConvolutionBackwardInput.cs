using Fovea.Core.Shapes;

namespace Fovea.Core.Dispatch;

/// <summary>An algorithm for dx, the gradient with respect to the input, from dy and w. See <see cref="ConvolutionForward"/> for the contract.</summary>
public abstract unsafe class ConvolutionBackwardInput
{
    /// <inheritdoc cref="ConvolutionForward.Name"/>
    public abstract string Name { get; }

    /// <inheritdoc cref="ConvolutionForward.IsExact"/>
    public virtual bool IsExact => true;

    /// <inheritdoc cref="ConvolutionForward.Accepts"/>
    public abstract bool Accepts(in ConvShape s);

    /// <inheritdoc cref="ConvolutionForward.Cost"/>
    public abstract double Cost(in ConvShape s);

    /// <summary>The layout in which it reads dy.</summary>
    public abstract Layout GradientLayout(in ConvShape s);

    /// <summary>Whether it also reads dy in the other layout, and writes dx in the other.</summary>
    public virtual bool TakesAnyLayout => false;

    /// <summary>The layout in which it writes dx.</summary>
    public abstract Layout InputLayout(in ConvShape s);

    /// <inheritdoc cref="ConvolutionForward.PackedFloats"/>
    public abstract long PackedFloats(in ConvShape s);

    /// <inheritdoc cref="ConvolutionForward.ScratchFloats"/>
    public abstract long ScratchFloats(in ConvShape s);

    /// <inheritdoc cref="ConvolutionForward.Pack"/>
    public abstract void Pack(in ConvShape s, float* weights, float* packed, Workers workers);

    /// <summary>Computes dx; every element is written, also those that no window reaches (zero).</summary>
    public abstract void Run(in ConvShape s, float* dy, float* packed, float* dx, float* scratch, Workers workers);

    /// <summary>Computes dx with dy and dx in given layouts: its own, or any where <see cref="TakesAnyLayout"/>. The bits are the same.</summary>
    public virtual void Run(in ConvShape s, float* dy, Layout gradientLayout, float* packed, float* dx, Layout inputLayout, float* scratch, Workers workers)
    {
        if (gradientLayout != GradientLayout(s) || inputLayout != InputLayout(s))
        {
            throw new ArgumentException($"conv: the algorithm \"{Name}\" does not take dy as {gradientLayout} and dx as {inputLayout}");
        }

        Run(s, dy, packed, dx, scratch, workers);
    }
}
