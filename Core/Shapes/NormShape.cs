namespace Fovea.Core.Shapes;

/// <summary>
/// Which elements of an image are normalised together, and which weight each meets. The image, row-major, is seen as
/// outer × length × inner: all elements of one outer and one inner place are a group. The element at i has weight
/// i / stride mod weights.
/// </summary>
/// <param name="Outer">Groups that lie one after the other.</param>
/// <param name="Length">Elements of a group.</param>
/// <param name="Inner">Groups that lie interleaved.</param>
/// <param name="Stride">Neighbouring elements that share a weight.</param>
/// <param name="Weights">The number of weights.</param>
public readonly record struct NormShape(int Outer, int Length, int Inner, int Stride, int Weights)
{
    /// <summary>Groups of an image.</summary>
    public int Groups => Outer * Inner;

    /// <summary>Elements of an image.</summary>
    public int Elements => Outer * Length * Inner;

    /// <summary>Channels in so many groups, each over all its pixels; a weight for each channel.</summary>
    public static NormShape OfGroups(int channels, int pixels, int groups) => new(groups, channels / groups * pixels, 1, pixels, channels);

    /// <summary>The last axes, of so many elements together; a weight for each of them.</summary>
    public static NormShape OfLastAxes(int elements, int length) => new(elements / length, length, 1, 1, length);

    /// <summary>The channels of each pixel; a weight for each channel.</summary>
    public static NormShape OfChannels(int channels, int pixels) => new(1, channels, pixels, pixels, channels);

    /// <summary>The group that an element of the batch belongs to, by its place.</summary>
    public int GroupOf(int place) => (place / (Length * Inner) * Inner) + (place % Inner);

    /// <summary>The weight that an element of the batch meets, by its place.</summary>
    public int WeightOf(int place) => place / Stride % Weights;
}

/// <summary>The sizes of a normalisation of images: N × C × pixels, and which elements of an image go together.</summary>
/// <param name="N">Images.</param>
/// <param name="C">Channels.</param>
/// <param name="Pixels">Pixels of a channel.</param>
/// <param name="Groups">What is normalised together; its elements are C × pixels.</param>
public readonly record struct ImageNormShape(int N, int C, int Pixels, NormShape Groups)
{
    /// <summary>The shape of x and y.</summary>
    public Shape Input => new(N, C, Pixels);

    /// <summary>The same normalisation of another number of images.</summary>
    public ImageNormShape WithBatch(int n) => this with { N = n };
}
