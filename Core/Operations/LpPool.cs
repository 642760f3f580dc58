using Fovea.Core.Dispatch;
using Fovea.Core.Shapes;
using Fovea.Core.Tensors;

namespace Fovea.Core.Operations;

// x   N × C × H × W
// y   N × C × P × Q

/// <summary>Pooling by the p-norm, (Σ xᵖ)^(1/p), as PyTorch's lp_pool2d, and its gradient.</summary>
public static unsafe class LpPool
{
    /// <summary>The norm of each window.</summary>
    /// <param name="x">N×C×H×W.</param>
    /// <param name="norm">p, positive.</param>
    /// <param name="options">The window; it is not padded.</param>
    /// <returns>N×C×P×Q; NaN where a sum is negative and has no root.</returns>
    /// <exception cref="ShapeException">The window does not fit, or p is not positive.</exception>
    public static Tensor Forward(Tensor x, double norm, PoolOptions options)
    {
        PoolShape s = Sizes(x, norm, options);
        LpPooling algorithm = PoolingTables.ChooseLp(s);
        using Buffers buffers = new(Workers.Shared);
        float* y = buffers.Take(Small(s, algorithm).Floats);
        algorithm.Forward(s, norm, buffers.In(x, Large(s, algorithm)), y, buffers.Workers);
        return buffers.Out(y, Small(s, algorithm), s.Output);
    }

    /// <summary>dx; 0 where a window is 0, whose norm has no slope.</summary>
    /// <param name="x">N×C×H×W.</param>
    /// <param name="dy">N×C×P×Q.</param>
    /// <param name="norm">p.</param>
    /// <param name="options">As in the forward pass.</param>
    /// <returns>N×C×H×W.</returns>
    /// <exception cref="ShapeException">As in the forward pass, or dy does not fit.</exception>
    public static Tensor Backward(Tensor x, Tensor dy, double norm, PoolOptions options)
    {
        ArgumentNullException.ThrowIfNull(dy);
        PoolShape s = Sizes(x, norm, options);
        Ranks.Same("lpPool", "dy of the output's shape", s.Output, dy.Shape);
        LpPooling algorithm = PoolingTables.ChooseLp(s);
        using Buffers buffers = new(Workers.Shared);
        float* input = buffers.In(x, Large(s, algorithm)), gradient = buffers.In(dy, Small(s, algorithm));
        float* y = buffers.Take(Small(s, algorithm).Floats), dx = buffers.Take(Large(s, algorithm).Floats);
        algorithm.Forward(s, norm, input, y, buffers.Workers);
        algorithm.Backward(s, norm, input, y, gradient, dx, buffers.Workers);
        return buffers.Out(dx, Large(s, algorithm), s.Input);
    }

    private static ImageBatch Large(PoolShape s, LpPooling algorithm) => new(s.N, s.C, s.H * s.W, algorithm.Layout);

    private static ImageBatch Small(PoolShape s, LpPooling algorithm) => new(s.N, s.C, s.P * s.Q, algorithm.Layout);

    private static PoolShape Sizes(Tensor x, double norm, PoolOptions options)
    {
        ArgumentNullException.ThrowIfNull(x);
        ArgumentNullException.ThrowIfNull(options);
        return norm > 0 && double.IsFinite(norm)
            ? options.Sizes(x.Shape)
            : throw new ShapeException("lpPool", $"expected a positive norm, got {norm}", "2 is the Euclidean one; maxPool is the limit");
    }
}
