using Fovea.Core.Kernels.Resampling;
using Fovea.Core.Shapes;

namespace Fovea.Core.Dispatch;

/// <summary>
/// Rows first, then the pixels of each row, of a channel or of sixteen at once. Workers share out channels and rows.
/// </summary>
public sealed unsafe class SeparableResampling : Resampling
{
    // Floats of the target that are worth a chunk.
    private const int ChunkFloats = 16 * 1024;

    /// <inheritdoc/>
    public override string Name => "separable";

    /// <inheritdoc/>
    public override bool Accepts(in ResampleShape s, Layout layout) => true;

    /// <inheritdoc/>
    public override long ScratchFloats(in ResampleShape s, Layout layout) =>
        Math.Max(SeparableKernel.ScratchFloats(s.Columns.Taps, Unit(layout)), SeparableKernel.ScratchFloats(s.Columns.Transposed, Unit(layout)));

    /// <inheritdoc/>
    public override void Forward(in ResampleShape s, Layout layout, float* x, float* y, float* scratch, Workers workers) =>
        Run(s, layout, s.Rows.Taps, s.Columns.Taps, x, y, scratch, workers);

    /// <inheritdoc/>
    public override void Backward(in ResampleShape s, Layout layout, float* dy, float* dx, float* scratch, Workers workers) =>
        Run(s, layout, s.Rows.Transposed, s.Columns.Transposed, dy, dx, scratch, workers);

    private static int Unit(Layout layout) => layout == Layout.Blocked ? Blocks.Width : 1;

    private void Run(in ResampleShape s, Layout layout, AxisTaps rows, AxisTaps columns, float* source, float* target, float* scratch, Workers workers)
    {
        int unit = Unit(layout), planes = s.N * (layout == Layout.Blocked ? Blocks.Of(s.C) : s.C);
        int chunk = Math.Clamp(ChunkFloats / Math.Max(1, columns.Outputs * unit), 1, Math.Max(1, rows.Outputs));
        Job job = new()
        {
            Rows = rows,
            Columns = columns,
            Unit = unit,
            RowsOfAChunk = chunk,
            Chunks = (rows.Outputs + chunk - 1) / chunk,
            Source = source,
            Target = target,
            Scratch = scratch,
            ScratchFloats = ScratchFloats(s, layout),
        };
        workers.Run(ref job, planes * job.Chunks);
    }

    private struct Job : IJob
    {
        public AxisTaps Rows;
        public AxisTaps Columns;
        public int Unit;
        public int RowsOfAChunk;
        public int Chunks;
        public float* Source;
        public float* Target;
        public float* Scratch;
        public long ScratchFloats;

        public readonly void Run(int chunk, int worker)
        {
            long plane = chunk / Chunks;
            int from = chunk % Chunks * RowsOfAChunk;
            SeparableKernel.Run(
                Rows,
                Columns,
                Unit,
                Source + (plane * Rows.Inputs * Columns.Inputs * Unit),
                Target + (plane * Rows.Outputs * Columns.Outputs * Unit),
                from,
                Math.Min(Rows.Outputs, from + RowsOfAChunk),
                Scratch + (worker * ScratchFloats));
        }
    }
}
