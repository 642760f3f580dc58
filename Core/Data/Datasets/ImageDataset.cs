using Fovea.Core.Shapes;
using Fovea.Core.Tensors;
using static System.FormattableString;

namespace Fovea.Core.Data;

/// <summary>
/// Labelled images of one size. Pixels stay bytes, C×H×W each; as floats they are byte/255, in 0..1 (normalisation is
/// a stage of the model, so that a saved model takes raw images). Parts of a dataset are views that share its bytes.
/// A dataset never changes once it is made.
/// </summary>
public sealed partial class ImageDataset
{
    private readonly ImageBytes pixels;
    private readonly int[] labels;
    private readonly int[]? rows; // The stored images that this view shows, in its order; null shows all as they lie.

    internal ImageDataset(
        string name,
        Shape image,
        ImageBytes pixels,
        int[] labels,
        IReadOnlyList<string> classes,
        int[]? rows = null)
    {
        Name = name;
        ImageShape = image;
        Classes = classes;
        this.pixels = pixels;
        this.labels = labels;
        this.rows = rows;
    }

    /// <summary>What messages call it: <c>CIFAR-10 training</c>.</summary>
    public string Name { get; }

    /// <summary>The shape of one image: (C, H, W).</summary>
    public Shape ImageShape { get; }

    /// <summary>The names of the classes; a label is an index into them.</summary>
    public IReadOnlyList<string> Classes { get; }

    /// <summary>The number of images.</summary>
    public int Count => rows?.Length ?? labels.Length;

    /// <summary>The memory of the images shown, in bytes.</summary>
    public long Bytes => (long)Count * ImageShape.Count;

    /// <summary>A dataset over copies of the given pixels.</summary>
    /// <param name="name">What messages call it.</param>
    /// <param name="image">The shape of one image: (C, H, W).</param>
    /// <param name="pixels">The pixels, N×C×H×W.</param>
    /// <param name="labels">A label an image, each an index into <paramref name="classes"/>.</param>
    /// <param name="classes">The names of the classes.</param>
    /// <exception cref="ShapeException">The numbers of pixels, images and labels do not fit together.</exception>
    /// <exception cref="ArgumentException">A label has no class.</exception>
    public static ImageDataset FromBytes(
        string name,
        Shape image,
        byte[] pixels,
        IReadOnlyList<int> labels,
        IReadOnlyList<string> classes)
    {
        ArgumentNullException.ThrowIfNull(image);
        ArgumentNullException.ThrowIfNull(pixels);
        CheckImages(name, image, pixels.Length, labels, classes);
        ImageBytes stored = new(labels.Count, image.Count);
        for (int i = 0; i < labels.Count; i++)
        {
            pixels.AsSpan(i * image.Count, image.Count).CopyTo(stored.Room(i));
        }

        return new ImageDataset(name, image, stored, [.. labels], [.. classes]);
    }

    /// <summary>A dataset over images given as floats 0..1, each rounded to the nearest of the 256 levels.</summary>
    /// <param name="name">What messages call it.</param>
    /// <param name="images">The images, (N, C, H, W), 0..1.</param>
    /// <param name="labels">A label an image, each an index into <paramref name="classes"/>.</param>
    /// <param name="classes">The names of the classes.</param>
    /// <exception cref="ShapeException">The images are not (N, C, H, W), or not as many as labels.</exception>
    /// <exception cref="ArgumentException">A label has no class, or a pixel is not in 0..1.</exception>
    public static ImageDataset FromTensor(
        string name,
        Tensor images,
        IReadOnlyList<int> labels,
        IReadOnlyList<string> classes)
    {
        ArgumentNullException.ThrowIfNull(images);
        if (images.Rank != 4)
        {
            throw new ShapeException(
                name,
                $"expected images of (N, C, H, W), got {images.Shape}",
                "reshape them first");
        }

        byte[] bytes = new byte[images.Count];
        for (int i = 0; i < bytes.Length; i++)
        {
            bytes[i] = UnitFloats.ToByte(images.Values[i])
                ?? throw new ArgumentException(Invariant($"{name}: expected pixels from 0 to 1, got {images.Values[i]} in image {i / images.Shape.Tail.Count}; scale the images first"));
        }

        return FromBytes(name, images.Shape.Tail, bytes, labels, classes);
    }

    /// <summary>The label of an image.</summary>
    public int Label(int index) => labels[Row(index)];

    /// <summary>All labels in order, as an array of their own.</summary>
    public int[] Labels()
    {
        int[] all = new int[Count];
        for (int i = 0; i < all.Length; i++)
        {
            all[i] = labels[Row(i)];
        }

        return all;
    }

    /// <summary>The bytes of an image, C×H×W: the dataset's own, not a copy.</summary>
    public ReadOnlySpan<byte> Pixels(int index) => pixels[Row(index)];

    /// <summary>Writes an image as floats 0..1, C×H×W.</summary>
    /// <exception cref="ShapeException">The target is not as long as an image.</exception>
    public void CopyImage(int index, Span<float> target)
    {
        if (target.Length != ImageShape.Count)
        {
            throw new ShapeException(
                Name,
                Invariant($"an image of {ImageShape} has {ImageShape.Count:N0} values, got room for {target.Length:N0}"),
                "give exactly that room");
        }

        UnitFloats.FromBytes(Pixels(index), target);
    }

    /// <summary>One image as a tensor (C, H, W) of floats 0..1.</summary>
    public Tensor Image(int index)
    {
        Tensor image = Tensor.Zeros(ImageShape);
        CopyImage(index, image.Values);
        return image;
    }

    /// <summary>All images as a tensor (N, C, H, W) of floats 0..1. Take a part first where there are many.</summary>
    public Tensor Images()
    {
        Tensor images = Tensor.Zeros(ImageShape.Prepend(Count));
        for (int i = 0; i < Count; i++)
        {
            CopyImage(i, images.Values.AsSpan(i * ImageShape.Count, ImageShape.Count));
        }

        return images;
    }

    /// <summary>How many images each class has.</summary>
    public int[] ClassCounts()
    {
        int[] counts = new int[Classes.Count];
        for (int i = 0; i < Count; i++)
        {
            counts[labels[Row(i)]]++;
        }

        return counts;
    }

    /// <summary>In one line: <c>CIFAR-10 training: 50,000 images of (3, 32, 32), 10 classes</c>.</summary>
    public override string ToString() =>
        Invariant($"{Name}: {Count:N0} {(Count == 1 ? "image" : "images")} of {ImageShape}, {Classes.Count} {(Classes.Count == 1 ? "class" : "classes")}");

    private static void CheckImages(
        string name,
        Shape image,
        int pixels,
        IReadOnlyList<int> labels,
        IReadOnlyList<string> classes)
    {
        ArgumentNullException.ThrowIfNull(labels);
        ArgumentNullException.ThrowIfNull(classes);
        if (image.Rank != 3 || image.Count == 0)
        {
            throw new ShapeException(
                name,
                $"expected the shape of an image (C, H, W), got {image}",
                "give its channels, height and width, each 1 or more");
        }

        if ((long)labels.Count * image.Count != pixels)
        {
            throw new ShapeException(
                name,
                Invariant($"{labels.Count:N0} images of {image} are {(long)labels.Count * image.Count:N0} pixels, got {pixels:N0}"),
                "give a label for each image");
        }

        for (int i = 0; i < labels.Count; i++)
        {
            if ((uint)labels[i] >= (uint)classes.Count)
            {
                throw new ArgumentException(Invariant($"{name}: expected labels from 0 to {classes.Count - 1}, got {labels[i]} for image {i}; name all classes, and count labels from 0"));
            }
        }
    }

    private int Row(int index) =>
        (uint)index < (uint)Count
            ? rows is null ? index : rows[index]
            : throw new ArgumentOutOfRangeException(
                nameof(index),
                Invariant($"{Name}: expected an image from 0 to {Count - 1}, got {index}"));
}
