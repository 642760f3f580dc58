using Fovea.Core.Randomness;
using Fovea.Core.Shapes;
using static System.FormattableString;

namespace Fovea.Core.Data;

/// <summary>
/// How a dataset is dealt out in batches: their size, their order, and the augmentation of each image. Every batch of
/// every epoch is a function of its position alone, so that streams may start anywhere, run side by side, and agree to
/// the bit.
/// </summary>
public sealed class Batches
{
    private readonly RandomKey order;
    private readonly Augmentation[] augmentations;
    private readonly RandomKey[] stages;
    private readonly bool shuffle;

    /// <summary>Deals out a dataset.</summary>
    /// <param name="data">The images.</param>
    /// <param name="size">Images a batch, 1 or more.</param>
    /// <param name="seed">What orders and augmentations are drawn from.</param>
    /// <param name="shuffle">Whether every epoch has an order of its own; otherwise images come as they lie.</param>
    /// <param name="dropLast">Whether a last batch that is not full is left out.</param>
    /// <param name="augmentations">Changes of each image, done in turn.</param>
    /// <exception cref="ArgumentException">There is not one batch.</exception>
    public Batches(
        ImageDataset data,
        int size,
        int seed,
        bool shuffle = true,
        bool dropLast = false,
        IReadOnlyList<Augmentation>? augmentations = null)
    {
        ArgumentNullException.ThrowIfNull(data);
        ArgumentOutOfRangeException.ThrowIfLessThan(size, 1);
        Data = data;
        Size = size;
        this.shuffle = shuffle;
        this.augmentations = augmentations is null ? [] : [.. augmentations];
        RandomKey root = RandomKey.Of(seed);
        order = root.Child("order");
        stages = [.. Enumerable.Range(0, this.augmentations.Length).Select(stage => root.Child("augmentation").Child(stage))];
        Images = dropLast ? data.Count / size * size : data.Count;
        Count = (Images + size - 1) / size;
        if (Count == 0)
        {
            throw new ArgumentException(Invariant($"{data.Name}: expected at least one batch of {size:N0} images, got {data.Count:N0} images; use more images or a smaller batch"));
        }
    }

    /// <summary>The images.</summary>
    public ImageDataset Data { get; }

    /// <summary>Images a batch; the last one of an epoch may have fewer.</summary>
    public int Size { get; }

    /// <summary>Batches an epoch.</summary>
    public int Count { get; }

    /// <summary>Images an epoch: all, unless the last ones are dropped.</summary>
    public int Images { get; }

    /// <summary>The images' places in the order of an epoch: a permutation of all places.</summary>
    public int[] Order(int epoch)
    {
        int[] places = new int[Data.Count];
        FillOrder(epoch, places);
        return places;
    }

    /// <summary>A buffer for one batch.</summary>
    public Batch NewBatch() => new(Data.ImageShape, Math.Min(Size, Images));

    internal void FillOrder(int epoch, Span<int> places)
    {
        if (shuffle)
        {
            Permutation.Fill(places, order.Child(epoch));
        }
        else
        {
            Permutation.InOrder(places);
        }
    }

    /// <summary>Fills a batch, given its epoch's order and scratch for two images.</summary>
    internal void Fill(Batch batch, BatchPosition position, ReadOnlySpan<int> places, float[] scratch)
    {
        int first = position.Batch * Size;
        int count = Math.Min(Size, Images - first);
        Check(batch, count);
        int length = Data.ImageShape.Count;
        for (int i = 0; i < count; i++)
        {
            int place = places[first + i];
            batch.Places[i] = place;
            batch.Labels[i] = Data.Label(place);
            FillImage(place, position.Epoch, batch.Images.AsSpan(i * length, length), scratch);
        }

        batch.Count = count;
        batch.Position = position;
        batch.EndsEpoch = position.Batch == Count - 1;
    }

    // Stages write back and forth between the halves of the scratch, the last one into the batch.
    private void FillImage(int place, int epoch, Span<float> target, float[] scratch)
    {
        Shape image = Data.ImageShape;
        Span<float> from = scratch.AsSpan(0, image.Count);
        Span<float> to = scratch.AsSpan(image.Count, image.Count);
        Data.CopyImage(place, augmentations.Length == 0 ? target : from);
        for (int stage = 0; stage < augmentations.Length; stage++)
        {
            Span<float> written = stage == augmentations.Length - 1 ? target : to;
            augmentations[stage].Apply(from, written, image, new Draws(stages[stage], epoch, place));
            to = from;
            from = written;
        }
    }

    private void Check(Batch batch, int count)
    {
        if (batch.ImageShape != Data.ImageShape || batch.Capacity < count)
        {
            throw new ShapeException(
                Data.Name,
                Invariant($"expected a buffer for {count:N0} images of {Data.ImageShape}, got one for {batch.Capacity:N0} of {batch.ImageShape}"),
                "make it with NewBatch");
        }
    }
}
