using Fovea.Core.Dispatch;
using Fovea.Core.Tensors;

namespace Fovea.Core.Plans;

/// <summary>Probabilities from logits.</summary>
public static class Probabilities
{
    /// <summary>Softmax over the last axis of logits (N, classes).</summary>
    public static Tensor Of(Tensor logits)
    {
        ArgumentNullException.ThrowIfNull(logits);
        Tensor result = Tensor.Zeros(logits.Shape);
        int classes = logits.Shape[-1];
        Reference.SoftmaxForward<float>(classes == 0 ? 0 : logits.Count / classes, classes, 1, logits.Values, result.Values);
        return result;
    }
}
