using Fovea.Core.Memory;

namespace Fovea.Core.Dispatch;

/// <summary>
/// A matrix product of fixed sizes over spans, with the memory that it needs: for callers without an arena. For one thread
/// at a time; after it is made, it allocates nothing.
/// </summary>
public sealed unsafe class BufferedProduct : IDisposable
{
    private readonly ProductShape shape;
    private readonly Workers workers;
    private readonly AlignedMemory packed;
    private readonly AlignedMemory scratch;

    /// <summary>Takes the memory.</summary>
    /// <param name="shape">The sizes.</param>
    /// <param name="workers">The threads. No result depends on them.</param>
    public BufferedProduct(in ProductShape shape, Workers workers)
    {
        ArgumentNullException.ThrowIfNull(workers);
        this.shape = shape;
        this.workers = workers;
        packed = new AlignedMemory(MatrixProduct.PackedFloats(shape));
        scratch = new AlignedMemory(MatrixProduct.ScratchFloats(shape) * workers.Count);
    }

    /// <summary>c = left · right, each as it lies according to the sizes.</summary>
    /// <exception cref="ArgumentException">A span has another length than the sizes say.</exception>
    public void Run(ReadOnlySpan<float> left, ReadOnlySpan<float> right, Span<float> c)
    {
        Check("left", left.Length, shape.Rows, shape.Inner);
        Check("right", right.Length, shape.Inner, shape.Columns);
        Check("product", c.Length, shape.Rows, shape.Columns);
        fixed (float* a = left, b = right, y = c)
        {
            MatrixProduct.Pack(shape, b, packed.Start, workers);
            MatrixProduct.Run(shape, a, packed.Start, default, y, scratch.Start, workers);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        packed.Dispose();
        scratch.Dispose();
    }

    private static void Check(string operand, int length, int rows, int columns)
    {
        if (length != (long)rows * columns)
        {
            throw new ArgumentException($"matrix product: expected {rows}×{columns} floats, got {length:N0}", operand);
        }
    }
}
