using Fovea.Core.Shapes;

namespace Fovea.Core.Dispatch;

/// <summary>
/// An algorithm for dw, the gradient with respect to the weights, summed over the batch. See
/// <see cref="ConvolutionForward"/> for the contract; here the order of summation may depend on the number of images.
/// </summary>
public abstract unsafe class ConvolutionBackwardWeights
{
    /// <inheritdoc cref="ConvolutionForward.Name"/>
    public abstract string Name { get; }

    /// <inheritdoc cref="ConvolutionForward.IsExact"/>
    public virtual bool IsExact => true;

    /// <inheritdoc cref="ConvolutionForward.Accepts"/>
    public abstract bool Accepts(in ConvShape s);

    /// <inheritdoc cref="ConvolutionForward.Cost"/>
    public abstract double Cost(in ConvShape s);

    /// <summary>The layout in which it reads x.</summary>
    public abstract Layout InputLayout(in ConvShape s);

    /// <inheritdoc cref="ConvolutionForward.ReadsAnyLayout"/>
    public virtual bool ReadsAnyLayout => false;

    /// <summary>The layout in which it reads dy, or which is cheaper for it.</summary>
    public abstract Layout GradientLayout(in ConvShape s);

    /// <summary>Whether it also reads dy in the other layout.</summary>
    public virtual bool ReadsAnyGradient => false;

    /// <summary>Floats of scratch that each worker needs.</summary>
    public abstract long ScratchFloats(in ConvShape s);

    /// <summary>Floats of scratch that all workers share: partial sums, in chunk order.</summary>
    public abstract long SharedFloats(in ConvShape s);

    /// <summary>Computes dw, plain K×(C/groups)×R×S; every element is written, zero where there are no images.</summary>
    public abstract void Run(in ConvShape s, float* x, Layout inputLayout, float* dy, float* dw, float* shared, float* scratch, Workers workers);

    /// <summary>Computes dw from dy in a layout: <see cref="GradientLayout"/>, or any where <see cref="ReadsAnyGradient"/>.</summary>
    public virtual void Run(in ConvShape s, float* x, Layout inputLayout, float* dy, Layout gradientLayout, float* dw, float* shared, float* scratch, Workers workers)
    {
        if (gradientLayout != GradientLayout(s))
        {
            throw new ArgumentException($"conv: the algorithm \"{Name}\" does not read dy in the layout {gradientLayout}");
        }

        Run(s, x, inputLayout, dy, dw, shared, scratch, workers);
    }
}
