using Fovea.Core.Randomness;
using static System.FormattableString;

namespace Fovea.Core.Data;

/// <summary>Parts of a dataset: views that share its bytes.</summary>
public sealed partial class ImageDataset
{
    /// <summary>The same images under another name.</summary>
    public ImageDataset Named(string name) => new(name, ImageShape, pixels, labels, Classes, rows);

    /// <summary>The images at the given places, in the given order; a place may come more than once.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no image at a place.</exception>
    public ImageDataset Subset(IReadOnlyList<int> places)
    {
        ArgumentNullException.ThrowIfNull(places);
        int[] chosen = new int[places.Count];
        for (int i = 0; i < chosen.Length; i++)
        {
            chosen[i] = Row(places[i]);
        }

        return new ImageDataset(Name, ImageShape, pixels, labels, Classes, chosen);
    }

    /// <summary>The first images: <paramref name="count"/> of them, or all where there are fewer.</summary>
    public ImageDataset Take(int count) => Subset(Places(0, Math.Min(count, Count)));

    /// <summary>All but the first <paramref name="count"/> images.</summary>
    public ImageDataset Skip(int count) => Subset(Places(Math.Min(count, Count), Count));

    /// <summary>The images of one class, in order.</summary>
    public ImageDataset OfClass(int label)
    {
        List<int> places = [];
        for (int i = 0; i < Count; i++)
        {
            if (labels[Row(i)] == label)
            {
                places.Add(i);
            }
        }

        return Subset(places);
    }

    /// <summary>The images in an order drawn from a seed.</summary>
    public ImageDataset Shuffled(int seed) => Subset(Permutation.Of(Count, RandomKey.Of(seed).Child("shuffled")));

    /// <summary>
    /// Holds out images drawn at random. Both parts keep the order of the whole; together they are the whole.
    /// </summary>
    /// <param name="held">How many images the second part gets.</param>
    /// <param name="seed">The seed that they are drawn from.</param>
    /// <exception cref="ArgumentOutOfRangeException">There are not as many images.</exception>
    public (ImageDataset Kept, ImageDataset Held) Split(int held, int seed)
    {
        CheckHeld(held);
        bool[] isHeld = new bool[Count];
        foreach (int place in Permutation.Of(Count, RandomKey.Of(seed).Child("split")).AsSpan(0, held))
        {
            isHeld[place] = true;
        }

        return Parts(isHeld);
    }

    /// <summary>
    /// Holds out images drawn at random, from each class in proportion to its size (to within one image). Both parts
    /// keep the order of the whole; together they are the whole.
    /// </summary>
    /// <param name="held">How many images the second part gets.</param>
    /// <param name="seed">The seed that they are drawn from.</param>
    /// <exception cref="ArgumentOutOfRangeException">There are not as many images.</exception>
    public (ImageDataset Kept, ImageDataset Held) SplitByClass(int held, int seed)
    {
        CheckHeld(held);
        int[] left = Shares(ClassCounts(), held);
        bool[] isHeld = new bool[Count];
        foreach (int place in Permutation.Of(Count, RandomKey.Of(seed).Child("split")))
        {
            isHeld[place] = left[labels[Row(place)]]-- > 0;
        }

        return Parts(isHeld);
    }

    // Largest remainders: each class gets its share rounded down, and those that lost most by rounding one more.
    private static int[] Shares(int[] counts, int held)
    {
        long total = counts.Sum(count => (long)count);
        int[] shares = new int[counts.Length];
        if (total == 0)
        {
            return shares;
        }

        long[] remainders = new long[counts.Length];
        for (int c = 0; c < counts.Length; c++)
        {
            (long share, remainders[c]) = Math.DivRem((long)counts[c] * held, total);
            shares[c] = (int)share;
        }

        int missing = held - shares.Sum();
        foreach (int c in Enumerable.Range(0, counts.Length).OrderByDescending(c => remainders[c]).Take(missing))
        {
            shares[c]++;
        }

        return shares;
    }

    private static int[] Places(int from, int to)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(from);
        ArgumentOutOfRangeException.ThrowIfNegative(to);
        return [.. Enumerable.Range(from, to - from)];
    }

    private void CheckHeld(int held)
    {
        if (held < 0 || held > Count)
        {
            throw new ArgumentOutOfRangeException(
                nameof(held),
                Invariant($"{Name}: expected to hold out 0 to {Count:N0} images, got {held:N0}; hold out fewer than there are"));
        }
    }

    private (ImageDataset Kept, ImageDataset Held) Parts(bool[] isHeld)
    {
        int[] places = Places(0, Count);
        return (Subset([.. places.Where(i => !isHeld[i])]), Subset([.. places.Where(i => isHeld[i])]));
    }
}
