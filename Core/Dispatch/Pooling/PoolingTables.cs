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

    /// <summary>Pooling by the p-norm.</summary>
    public static ImmutableArray<LpPooling> Lp { get; } = [new BlockedLpPoolingAlgorithm(), new NaiveLpPoolingAlgorithm()];

    /// <summary>Max-unpooling.</summary>
    public static ImmutableArray<MaxUnpooling> Unpool { get; } = [new BlockedMaxUnpoolingAlgorithm(), new NaiveMaxUnpoolingAlgorithm()];

    /// <summary>The first max pooling that accepts the sizes, or the one of that name.</summary>
    public static MaxPooling ChooseMax(PoolShape s, string? name = null) =>
        Max.First(entry => (name is null || entry.Name == name) && entry.Accepts(s));

    /// <summary>The first average pooling that accepts the sizes, or the one of that name.</summary>
    public static AveragePooling ChooseAverage(PoolShape s, string? name = null) =>
        Average.First(entry => (name is null || entry.Name == name) && entry.Accepts(s));

    /// <summary>The first pooling by the p-norm that accepts the sizes.</summary>
    public static LpPooling ChooseLp(PoolShape s) => Lp.First(entry => entry.Accepts(s));

    /// <summary>The first max-unpooling that accepts the sizes of the max pooling.</summary>
    public static MaxUnpooling ChooseUnpool(PoolShape s) => Unpool.First(entry => entry.Accepts(s));
}
