using Fovea.Core.Dispatch;
using Fovea.Core.Shapes;
using Fovea.Core.Tensors;

namespace Fovea.Core.Operations;

// x   N × C × H × W
// y   N × C × P × Q

/// <summary>Average pooling of tensors, and its gradient.</summary>
public static unsafe class AveragePool
{
    /// <summary>The mean of each window.</summary>
    /// <param name="x">N×C×H×W.</param>
    /// <param name="options">The window, and whether padding counts.</param>
    /// <returns>N×C×P×Q.</returns>
    /// <exception cref="ShapeException">The window does not fit.</exception>
    public static Tensor Forward(Tensor x, PoolOptions options)
    {
        ArgumentNullException.ThrowIfNull(x);
        (PoolShape s, AveragePooling algorithm) = Of(x.Shape, options);
        using Buffers buffers = new(options.Threads);
        float* y = buffers.Take(Output(s, algorithm).Floats);
        fixed (int* divisors = s.Divisors(options.CountPadding, options.Divisor))
        {
            algorithm.Forward(s, buffers.In(x, Input(s, algorithm)), divisors, y, buffers.Workers);
        }

        return buffers.Out(y, Output(s, algorithm), s.Output);
    }

    /// <summary>dx: each output's gradient, divided as the mean was, goes to all of its window.</summary>
    /// <param name="input">The shape of x, N×C×H×W.</param>
    /// <param name="dy">N×C×P×Q.</param>
    /// <param name="options">As in the forward pass.</param>
    /// <returns>N×C×H×W.</returns>
    /// <exception cref="ShapeException">The window or dy does not fit.</exception>
    public static Tensor Backward(Shape input, Tensor dy, PoolOptions options)
    {
        ArgumentNullException.ThrowIfNull(dy);
        (PoolShape s, AveragePooling algorithm) = Of(input, options);
        Ranks.Same("avgPool", "dy of the output's shape", s.Output, dy.Shape);
        using Buffers buffers = new(options.Threads);
        float* dx = buffers.Take(Input(s, algorithm).Floats);
        fixed (int* divisors = s.Divisors(options.CountPadding, options.Divisor))
        {
            algorithm.Backward(s, buffers.In(dy, Output(s, algorithm)), divisors, dx, buffers.Workers);
        }

        return buffers.Out(dx, Input(s, algorithm), s.Input);
    }

    private static (PoolShape Shape, AveragePooling Algorithm) Of(Shape x, PoolOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (options.Divisor < 1)
        {
            throw new ShapeException("avgPool", $"expected a divisor of 1 or more, got {options.Divisor}", "leave it away to divide by the window's elements");
        }

        PoolShape s = options.Sizes(x);
        return (s, options.Pick(PoolingTables.Average, a => a.Name, a => a.Accepts(s)));
    }

    private static ImageBatch Input(PoolShape s, AveragePooling algorithm) => new(s.N, s.C, s.H * s.W, algorithm.Layout);

    private static ImageBatch Output(PoolShape s, AveragePooling algorithm) => new(s.N, s.C, s.P * s.Q, algorithm.Layout);
}
