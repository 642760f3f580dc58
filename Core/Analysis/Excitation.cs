using Fovea.Core.Tensors;

namespace Fovea.Core.Analysis;

/// <summary>Where a filter answers most strongly.</summary>
/// <param name="Image">Which image.</param>
/// <param name="Row">The row of the filter's map.</param>
/// <param name="Column">The column of the filter's map.</param>
/// <param name="Value">The answer.</param>
public readonly record struct Excitation(int Image, int Row, int Column, float Value)
{
    /// <summary>The strongest place of each image, the strongest image first.</summary>
    /// <param name="maps">A stage's output (N, channels, height, width).</param>
    /// <param name="channel">The filter.</param>
    /// <param name="first">The number of the first image.</param>
    public static IReadOnlyList<Excitation> Strongest(Tensor maps, int channel, int first = 0)
    {
        ArgumentNullException.ThrowIfNull(maps);
        Tensor own = maps.Take(channel, 1);
        int width = own.Shape[2];
        return [.. Enumerable.Range(0, own.Shape[0]).Select(Best).OrderByDescending(e => e.Value)];

        Excitation Best(int n)
        {
            Tensor map = own.Take(n);
            int place = map.ArgMax();
            return new(first + n, place / width, place % width, map.Values[place]);
        }
    }
}
