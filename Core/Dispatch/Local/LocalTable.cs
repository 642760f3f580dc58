using System.Collections.Immutable;
using Fovea.Core.Shapes;

namespace Fovea.Core.Dispatch;

/// <summary>The algorithms for convolutions without shared weights, in the order in which they are tried; the last accepts everything.</summary>
public static class LocalTable
{
    /// <summary>The algorithms.</summary>
    public static ImmutableArray<LocalConvolution> All { get; } = [new PatchLocalConvolution(), new NaiveLocalConvolution()];

    /// <summary>The first that accepts the sizes, or the one of that name.</summary>
    public static LocalConvolution Choose(ConvShape s, string? name = null) =>
        All.First(entry => (name is null || entry.Name == name) && entry.Accepts(s));
}
