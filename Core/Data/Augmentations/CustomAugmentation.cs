using Fovea.Core.Shapes;
using Fovea.Core.Tensors;

namespace Fovea.Core.Data;

/// <summary>An augmentation made of a function from an image (C, H, W) and its random draws to the changed image.</summary>
public sealed class CustomAugmentation : Augmentation
{
    private readonly Func<Tensor, Random, Tensor> change;

    /// <summary>Creates an augmentation from a function.</summary>
    /// <param name="name">What messages and tables call it.</param>
    /// <param name="change">
    /// From an image (C, H, W) that is its own to keep, and the draws of this image in this epoch, to the changed
    /// image, of the same shape. It runs on a background thread and must take its chance from the draws alone.
    /// </param>
    public CustomAugmentation(string name, Func<Tensor, Random, Tensor> change)
    {
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(change);
        Name = name;
        this.change = change;
    }

    /// <inheritdoc/>
    public override string Name { get; }

    /// <inheritdoc/>
    /// <exception cref="ShapeException">The function answered an image of another shape.</exception>
    public override void Apply(ReadOnlySpan<float> source, Span<float> target, Shape image, in Draws draws)
    {
        Tensor changed = change(Tensor.Wrap(image, source.ToArray()), draws.ToRandom());
        if (changed.Shape != image)
        {
            throw new ShapeException(
                $"augmentation {Name}",
                $"expected an image of {image} as it was given, got {changed.Shape}",
                "answer an image of the same shape");
        }

        changed.Values.CopyTo(target);
    }
}
