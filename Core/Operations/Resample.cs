using Fovea.Core.Dispatch;
using Fovea.Core.Shapes;
using Fovea.Core.Tensors;

namespace Fovea.Core.Operations;

/// <summary>Runs resamplings of tensors.</summary>
internal static unsafe class Resample
{
    /// <summary>y.</summary>
    public static Tensor Forward(ResampleShape s, Tensor x, Workers workers)
    {
        using Buffers buffers = new(workers);
        float* y = buffers.Take(s.Output.Count);
        Resampling algorithm = ResamplingTable.Choose(s, Layout.Plain);
        algorithm.Forward(s, Layout.Plain, buffers.In(x), y, buffers.Scratch(algorithm.ScratchFloats(s, Layout.Plain)), workers);
        return buffers.Out(y, s.Output);
    }

    /// <summary>dx.</summary>
    public static Tensor Backward(string where, ResampleShape s, Tensor dy, Workers workers)
    {
        ArgumentNullException.ThrowIfNull(dy);
        Ranks.Same(where, "dy of the output's shape", s.Output, dy.Shape);
        using Buffers buffers = new(workers);
        float* dx = buffers.Take(s.Input.Count);
        Resampling algorithm = ResamplingTable.Choose(s, Layout.Plain);
        algorithm.Backward(s, Layout.Plain, buffers.In(dy), dx, buffers.Scratch(algorithm.ScratchFloats(s, Layout.Plain)), workers);
        return buffers.Out(dx, s.Input);
    }
}
