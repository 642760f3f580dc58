using Fovea.Core.Dispatch;
using Fovea.Core.Memory;
using Fovea.Core.Shapes;
using Fovea.Core.Tensors;

namespace Fovea.Core.Operations;

/// <summary>
/// The memory of one operation: aligned, with room for a vector's load just past an end, and given back together.
/// Tensors are copied in and out, in whatever layout an algorithm wants.
/// </summary>
internal sealed unsafe class Buffers(Workers workers) : IDisposable
{
    private const int FloatsOfALine = AlignedMemory.Alignment / sizeof(float);

    private readonly List<AlignedMemory> taken = [];

    public Workers Workers => workers;

    /// <summary>Memory for so many floats, whatever it holds.</summary>
    public float* Take(long floats)
    {
        AlignedMemory memory = new(floats + FloatsOfALine);
        taken.Add(memory);
        return memory.Start;
    }

    /// <summary>Scratch of so many floats for each worker.</summary>
    public float* Scratch(long floats) => Take(floats * workers.Count);

    /// <summary>A tensor's elements as they are.</summary>
    public float* In(Tensor tensor) => In(tensor, new ImageBatch(1, 1, tensor.Count, Layout.Plain));

    /// <summary>A tensor's elements as a batch of images in its layout.</summary>
    public float* In(Tensor tensor, ImageBatch batch)
    {
        float* target = Take(batch.Floats);
        fixed (float* source = tensor.Values)
        {
            Images.Convert(batch.N, batch.C, batch.Pixels, source, Layout.Plain, target, batch.Layout, workers);
        }

        return target;
    }

    /// <summary>A tensor of the elements of a batch of images.</summary>
    public Tensor Out(float* source, ImageBatch batch, Shape shape)
    {
        Tensor tensor = Tensor.Zeros(shape);
        fixed (float* target = tensor.Values)
        {
            Images.Convert(batch.N, batch.C, batch.Pixels, source, batch.Layout, target, Layout.Plain, workers);
        }

        return tensor;
    }

    /// <summary>A tensor of as many elements as its shape has.</summary>
    public Tensor Out(float* source, Shape shape) => Out(source, new ImageBatch(1, 1, shape.Count, Layout.Plain), shape);

    public void Dispose()
    {
        foreach (AlignedMemory memory in taken)
        {
            memory.Dispose();
        }
    }
}
