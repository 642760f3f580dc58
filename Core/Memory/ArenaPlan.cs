namespace Fovea.Core.Memory;

/// <summary>Something that needs memory for a while.</summary>
/// <param name="Floats">How much.</param>
/// <param name="First">The first moment at which it is needed.</param>
/// <param name="Last">The last one.</param>
public readonly record struct Lifetime(long Floats, int First, int Last);

/// <summary>
/// Places in one run of memory for buffers of known lifetimes, so that two that are needed at the same moment never
/// overlap: greedily, each in the lowest gap that fits (Pisarchyk and Lee, "Efficient memory management for deep neural
/// net inference", 2020, by size), in the one of some orders that takes the least.
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

        // The largest first, the largest for the longest, those needed longest: none is always the best.
        Func<Lifetime, long>[] orders = [b => b.Floats, b => b.Floats * Moments(b), Moments, b => -b.First, b => b.Last];
        long least = Most(buffers);
        ArenaPlan? best = null;
        foreach (Func<Lifetime, long> order in orders)
        {
            ArenaPlan plan = Place(buffers, order);
            best = best is null || plan.Floats < best.Floats ? plan : best;
            if (best.Floats == least)
            {
                break;
            }
        }

        return best!;
    }

    private static long Moments(Lifetime buffer) => buffer.Last - buffer.First + 1L;

    // What is needed at one moment at most: no arena is smaller.
    private static long Most(IReadOnlyList<Lifetime> buffers) =>
        buffers.Select(b => b.First).Distinct().Select(time => buffers.Where(b => b.First <= time && time <= b.Last).Sum(b => Lines(b.Floats))).DefaultIfEmpty(0).Max();

    private static ArenaPlan Place(IReadOnlyList<Lifetime> buffers, Func<Lifetime, long> order)
    {
        long[] offsets = new long[buffers.Count];
        List<int> placed = [];
        long floats = 0;
        foreach (int index in Enumerable.Range(0, buffers.Count).OrderByDescending(i => order(buffers[i])).ThenByDescending(i => buffers[i].Floats).ThenBy(i => i))
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
