using Fovea.Core.Shapes;
using Fovea.Core.Tensors;

namespace Fovea.Core.Data;

/// <summary>The buffers of one batch. They are filled again and again; the last batch of an epoch may fill only a part.</summary>
public sealed class Batch
{
    /// <summary>Buffers for up to <paramref name="capacity"/> images.</summary>
    public Batch(Shape image, int capacity)
    {
        ArgumentNullException.ThrowIfNull(image);
        ArgumentOutOfRangeException.ThrowIfLessThan(capacity, 1);
        ImageShape = image;
        Images = new float[image.Prepend(capacity).Count];
        Labels = new int[capacity];
        Places = new int[capacity];
    }

    /// <summary>The shape of one image: (C, H, W).</summary>
    public Shape ImageShape { get; }

    /// <summary>How many images it has room for.</summary>
    public int Capacity => Labels.Length;

    /// <summary>The images, N×C×H×W, floats 0..1; only the first <see cref="Count"/> count.</summary>
    public float[] Images { get; }

    /// <summary>The labels; only the first <see cref="Count"/> count.</summary>
    public int[] Labels { get; }

    /// <summary>The images' places in the dataset; only the first <see cref="Count"/> count.</summary>
    public int[] Places { get; }

    /// <summary>A copy of its images as a tensor (N, C, H, W).</summary>
    public Tensor ToTensor() => Tensor.Wrap(ImageShape.Prepend(Count), Images[..(Count * ImageShape.Count)]);

    /// <summary>How many images are in it.</summary>
    public int Count { get; internal set; }

    /// <summary>Which batch of the stream it is.</summary>
    public BatchPosition Position { get; internal set; }

    /// <summary>Whether it is the last of its epoch.</summary>
    public bool EndsEpoch { get; internal set; }
}
