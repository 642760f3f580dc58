namespace Fovea.Core.Memory;

/// <summary>Something that needs memory for a while.</summary>
/// <param name="Floats">How much.</param>
/// <param name="First">The first moment at which it is needed.</param>
/// <param name="Last">The last one.</param>
public readonly record struct Lifetime(long Floats, int First, int Last);

/// <summary>
/// Places in one run of memory for buffers of known lifetimes, so that two that are needed at the same moment never
/// overlap: greedily, the largest first, each in the lowest gap that fits (Pisarchyk and Lee, "Efficient memory
/// management for deep neural net inference", 2020, by size).
/// </summary>
public sealed class ArenaPlan
{
    private const int FloatsOfALine = AlignedMemory.Alignment / sizeof(float);

    private ArenaPlan(long[] offsets, long floats)
    {
        Offsets = offsets;
        Floats = floats;
    }

    /// <summary>Where each buffer begins, in floats, in the order in which they were given.</summary>
    public IReadOnlyList<long> Offsets { get; }

    /// <summary>Floats of the whole run.</summary>
    public long Floats { get; }

    /// <summary>Places the buffers.</summary>
    public static ArenaPlan Place(IReadOnlyList<Lifetime> buffers)
    {
        ArgumentNullException.ThrowIfNull(buffers);
        long[] offsets = new long[buffers.Count];
        List<int> placed = [];
        long floats = 0;
        foreach (int index in Enumerable.Range(0, buffers.Count).OrderByDescending(i => buffers[i].Floats).ThenBy(i => i))
        {
            Lifetime buffer = buffers[index];
            long offset = 0;
            foreach (int other in placed.Where(i => Overlap(buffers[i], buffer)).OrderBy(i => offsets[i]))
            {
                if (offset + Lines(buffer.Floats) <= offsets[other])
                {
                    break;
                }

                offset = Math.Max(offset, offsets[other] + Lines(buffers[other].Floats));
            }

            offsets[index] = offset;
            placed.Add(index);
            floats = Math.Max(floats, offset + Lines(buffer.Floats));
        }

        return new ArenaPlan(offsets, floats);
    }

    private static bool Overlap(Lifetime a, Lifetime b) => a.First <= b.Last && b.First <= a.Last;

    // Whole cache lines and one more: a vector load just past an end stays inside the arena.
    private static long Lines(long floats) => floats == 0 ? 0 : ((floats + FloatsOfALine - 1) / FloatsOfALine * FloatsOfALine) + FloatsOfALine;
}
