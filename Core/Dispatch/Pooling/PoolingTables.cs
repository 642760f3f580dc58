using System.Collections.Immutable;
using Fovea.Core.Shapes;

namespace Fovea.Core.Dispatch;

/// <summary>The pooling algorithms in the order in which they are tried; the last accepts everything.</summary>
public static class PoolingTables
{
    /// <summary>Max pooling.</summary>
    public static ImmutableArray<MaxPooling> Max { get; } = [new BlockedMaxPoolingAlgorithm(), new NaiveMaxPoolingAlgorithm()];

    /// <summary>Average pooling.</summary>
    public static ImmutableArray<AveragePooling> Average { get; } = [new BlockedAveragePoolingAlgorithm(), new NaiveAveragePoolingAlgorithm()];

    /// <summary>The first max pooling that accepts the sizes, or the one of that name.</summary>
    public static MaxPooling ChooseMax(PoolShape s, string? name = null) =>
        Max.First(entry => (name is null || entry.Name == name) && entry.Accepts(s));

    /// <summary>The first average pooling that accepts the sizes, or the one of that name.</summary>
    public static AveragePooling ChooseAverage(PoolShape s, string? name = null) =>
        Average.First(entry => (name is null || entry.Name == name) && entry.Accepts(s));
}
