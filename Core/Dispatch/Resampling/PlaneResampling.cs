using Fovea.Core.Kernels.Resampling;
using Fovea.Core.Shapes;

namespace Fovea.Core.Dispatch;

/// <summary>A resampling of channels, or of blocks of them, one after the other.</summary>
public abstract unsafe class PlaneResampling : Resampling
{
    /// <inheritdoc/>
    public override void Forward(in ResampleShape s, Layout layout, float* x, float* y, Workers workers) =>
        Run(s, layout, x, y, backward: false, workers);

    /// <inheritdoc/>
    public override void Backward(in ResampleShape s, Layout layout, float* dy, float* dx, Workers workers) =>
        Run(s, layout, dx, dy, backward: true, workers);

    /// <summary>Runs one channel, or one block of sixteen.</summary>
    /// <param name="s">The sizes.</param>
    /// <param name="unit">1 or 16.</param>
    /// <param name="input">x, or dx to be written.</param>
    /// <param name="output">y to be written, or dy.</param>
    /// <param name="backward">Which.</param>
    protected abstract void Plane(in ResampleShape s, int unit, float* input, float* output, bool backward);

    private void Run(in ResampleShape s, Layout layout, float* input, float* output, bool backward, Workers workers)
    {
        bool blocked = layout == Layout.Blocked;
        Job job = new() { Resampling = this, Shape = s, Unit = blocked ? Blocks.Width : 1, Input = input, Output = output, IsBackward = backward };
        workers.Run(ref job, s.N * (blocked ? Blocks.Of(s.C) : s.C));
    }

    private struct Job : IJob
    {
        public PlaneResampling Resampling;
        public ResampleShape Shape;
        public int Unit;
        public float* Input;
        public float* Output;
        public bool IsBackward;

        public readonly void Run(int chunk, int worker)
        {
            long input = (long)chunk * Shape.Rows.Length * Shape.Columns.Length * Unit, output = (long)chunk * Shape.Rows.Outputs * Shape.Columns.Outputs * Unit;
            Resampling.Plane(Shape, Unit, Input + input, Output + output, IsBackward);
        }
    }
}

/// <summary>Padding, and enlarging by the nearest pixel.</summary>
public sealed unsafe class CopyResampling : PlaneResampling
{
    /// <inheritdoc/>
    public override string Name => "copy";

    /// <inheritdoc/>
    public override bool Accepts(in ResampleShape s, Layout layout) => s.IsCopy;

    /// <inheritdoc/>
    protected override void Plane(in ResampleShape s, int unit, float* input, float* output, bool backward)
    {
        if (backward)
        {
            CopyKernel.Backward(s.Rows.First, s.Columns.First, s.Rows.Length, s.Columns.Length, unit, output, input);
        }
        else
        {
            CopyKernel.Forward(s.Rows.First, s.Columns.First, s.Columns.Length, unit, input, output);
        }
    }
}

/// <summary>Enlarging by interpolation along both axes.</summary>
public sealed unsafe class MixResampling : PlaneResampling
{
    /// <inheritdoc/>
    public override string Name => "mix";

    /// <inheritdoc/>
    public override bool Accepts(in ResampleShape s, Layout layout) => s.Rows.IsMix && s.Columns.IsMix;

    /// <inheritdoc/>
    protected override void Plane(in ResampleShape s, int unit, float* input, float* output, bool backward)
    {
        if (backward)
        {
            MixKernel.Backward(s.Rows, s.Columns, unit, output, input);
        }
        else
        {
            MixKernel.Forward(s.Rows, s.Columns, unit, input, output);
        }
    }
}
