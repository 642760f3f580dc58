namespace Fovea.Core.Training;

/// <summary>How the losses of single elements become one number; the gradient is scaled alike.</summary>
public enum Reduction
{
    /// <summary>Their mean (PyTorch's <c>mean</c>): over rows for cross-entropy, over elements for other losses.</summary>
    Mean,

    /// <summary>Their sum (PyTorch's <c>sum</c>).</summary>
    Sum,

    /// <summary>Their sum divided by the number of images (PyTorch's <c>batchmean</c>).</summary>
    BatchMean,
}
