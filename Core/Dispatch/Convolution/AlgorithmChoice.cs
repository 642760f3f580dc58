using System.Collections.Immutable;
using Fovea.Core.Shapes;

namespace Fovea.Core.Dispatch;

/// <summary>Which algorithms may be taken: any (the default), only exact ones, or one by its name.</summary>
/// <param name="Name">The algorithm's name; null to let the cost decide.</param>
/// <param name="Exact">Whether only algorithms that multiply what the definition multiplies may be taken.</param>
public readonly record struct AlgorithmChoice(string? Name = null, bool Exact = false)
{
    internal TAlgorithm Pick<TAlgorithm>(
        ImmutableArray<TAlgorithm> table,
        ConvShape s,
        Func<TAlgorithm, string> name,
        Func<TAlgorithm, bool> accepts,
        Func<TAlgorithm, bool> isExact,
        Func<TAlgorithm, double> cost)
    {
        if (Name is { } wanted)
        {
            TAlgorithm? found = table.FirstOrDefault(a => name(a) == wanted);
            return found is null ? throw new ArgumentException($"conv: there is no algorithm \"{wanted}\" for this pass; there are {string.Join(", ", table.Select(name))}")
                : accepts(found) ? found
                : throw new ArgumentException($"conv: the algorithm \"{wanted}\" does not run {s}; name none to let one be chosen");
        }

        bool exact = Exact;
        return table.Where(a => (!exact || isExact(a)) && accepts(a)).MinBy(cost)!;
    }
}
