using Fovea.Core.Dispatch;
using Fovea.Core.Shapes;
using Fovea.Core.Tensors;

namespace Fovea.Core.Operations;

// x   N × C × H × W
// y   N × C × P × Q

/// <summary>Max pooling of tensors, and its gradient. Padding never wins; of equals the first does; NaN wins always.</summary>
public static unsafe class MaxPool
{
    /// <summary>The maximum of each window.</summary>
    /// <param name="x">N×C×H×W.</param>
    /// <param name="options">The window.</param>
    /// <returns>N×C×P×Q.</returns>
    /// <exception cref="ShapeException">The window does not fit.</exception>
    public static Tensor Forward(Tensor x, PoolOptions options)
    {
        (PoolShape s, MaxPooling algorithm) = Of(x, options);
        using Buffers buffers = new(options.Threads);
        float* y = buffers.Take(Output(s, algorithm).Floats);
        algorithm.Forward(s, buffers.In(x, Input(s, algorithm)), y, null, false, buffers.Workers);
        return buffers.Out(y, Output(s, algorithm), s.Output);
    }

    /// <summary>Where each maximum stands: the number r·S + s of its tap (r, s) in its window.</summary>
    /// <param name="x">N×C×H×W.</param>
    /// <param name="options">The window.</param>
    /// <returns>N×C×P×Q, whole numbers.</returns>
    /// <exception cref="ShapeException">The window does not fit.</exception>
    public static Tensor Taps(Tensor x, PoolOptions options)
    {
        (PoolShape s, _) = Of(x, options);
        int[] taps = new int[s.Output.Count];
        Reference.MaxPoolingForward<float>(s, x.Values, new float[taps.Length], taps);
        return Tensor.Wrap(s.Output, [.. taps.Select(tap => (float)tap)]);
    }

    /// <summary>Where each maximum stands: the number i·W + j of its row i and column j in its channel, as PyTorch counts.</summary>
    /// <param name="x">N×C×H×W.</param>
    /// <param name="options">The window.</param>
    /// <returns>N×C×P×Q, whole numbers, exact up to 16,777,216.</returns>
    /// <exception cref="ShapeException">The window does not fit.</exception>
    public static Tensor Indices(Tensor x, PoolOptions options)
    {
        (PoolShape s, _) = Of(x, options);
        int[] indices = new int[s.Output.Count];
        Reference.MaxPoolingIndices<float>(s, x.Values, indices);
        return Tensor.Wrap(s.Output, [.. indices.Select(index => (float)index)]);
    }

    /// <summary>dx: each output's gradient goes to the input that was its maximum; overlapping windows add up.</summary>
    /// <param name="x">What the forward pass was given, N×C×H×W.</param>
    /// <param name="dy">N×C×P×Q.</param>
    /// <param name="options">As in the forward pass.</param>
    /// <returns>N×C×H×W.</returns>
    /// <exception cref="ShapeException">The window or dy does not fit.</exception>
    public static Tensor Backward(Tensor x, Tensor dy, PoolOptions options)
    {
        ArgumentNullException.ThrowIfNull(dy);
        (PoolShape s, MaxPooling algorithm) = Of(x, options);
        Ranks.Same("maxPool", "dy of the output's shape", s.Output, dy.Shape);
        using Buffers buffers = new(options.Threads);
        float* input = buffers.In(x, Input(s, algorithm)), y = buffers.Take(Output(s, algorithm).Floats);
        byte* taps = (byte*)buffers.Take(((s.N * algorithm.TapBytes(s)) + sizeof(float) - 1) / sizeof(float));
        algorithm.Forward(s, input, y, taps, false, buffers.Workers);
        float* dx = buffers.Take(Input(s, algorithm).Floats);
        algorithm.Backward(s, buffers.In(dy, Output(s, algorithm)), taps, dx, buffers.Workers);
        return buffers.Out(dx, Input(s, algorithm), s.Input);
    }

    private static (PoolShape Shape, MaxPooling Algorithm) Of(Tensor x, PoolOptions options)
    {
        ArgumentNullException.ThrowIfNull(x);
        ArgumentNullException.ThrowIfNull(options);
        PoolShape s = options.Sizes(x.Shape);
        return (s, options.Pick(PoolingTables.Max, a => a.Name, a => a.Accepts(s)));
    }

    private static ImageBatch Input(PoolShape s, MaxPooling algorithm) => new(s.N, s.C, s.H * s.W, algorithm.Layout);

    private static ImageBatch Output(PoolShape s, MaxPooling algorithm) => new(s.N, s.C, s.P * s.Q, algorithm.Layout);
}
